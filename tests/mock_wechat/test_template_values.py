"""What the fields of template and subscription messages accept (订阅消息参数值内容限制说明)."""

import pytest

from mock_wechat.api.template_values import values_of
from mock_wechat.errors import WeChatError
from mock_wechat.state.templates import Template


@pytest.mark.parametrize(
    ("field", "value", "wrong"),
    [
        ("thing2", "中" * 20, ""),
        ("thing2", "中" * 21, "invalid"),
        ("thing2", "", "is empty"),
        ("thing2", "a\nb", "invalid"),
        ("number1", "12.5", ""),
        ("number1", "1" * 33, "invalid"),
        ("number1", "12元", "invalid"),
        ("letter1", "abc", ""),
        ("letter1", "a1", "invalid"),
        ("symbol1", "!@#", ""),
        ("symbol1", "a", "invalid"),
        ("character_string1", "A-1 b", ""),
        ("character_string1", "订单1", "invalid"),
        ("time3", "15:01", ""),
        ("time3", "2019年10月1日 15:01", ""),
        ("time3", "2019-12-25 09:42:00", ""),
        ("time3", "2019年10月1日 15:01~2019年10月1日 16:01", ""),
        ("time3", "tomorrow", "invalid"),
        ("date2", "2016年8月8日", ""),
        ("date2", "2019年10月1日 15:01", ""),
        ("date2", "15:01", "invalid"),
        ("amount4", "￥12.3元", ""),
        ("amount4", "39.8", ""),
        ("amount4", "12345678901", "invalid"),
        ("phone_number1", "+86-0766-66888866", ""),
        ("phone_number1", "tel 1", "invalid"),
        ("car_number1", "粤A8Z888挂", ""),
        ("car_number1", "粤A8Z888 挂", "invalid"),
        ("name1", "张三", ""),
        ("name1", "Zhang San", ""),
        ("name1", "用户410774", "invalid"),
        ("name1", "中" * 11, "invalid"),
        ("phrase4", "未签到", ""),
        ("phrase4", "未签到未签到", "invalid"),
        ("keyword1", "", ""),
    ],
)  # fmt: skip
def test_field_accepts_values_of_its_type(field: str, value: str, wrong: str) -> None:
    template = Template("T", "t", f"t:{{{{{field}.DATA}}}}")
    if not wrong:
        assert values_of(template, {field: {"value": value}}) == {field: value}
        return
    with pytest.raises(WeChatError) as refused:
        values_of(template, {field: {"value": value}})
    assert (refused.value.errcode, refused.value.errmsg) == (47003, f"argument invalid! data.{field}.value {wrong}")


@pytest.mark.parametrize("wrong", ['{"thing1":{"value":"a"}}', {"thing1": "a"}, {"thing1": {"value": True}}, [], None])
def test_data_must_hold_objects_with_a_value(wrong: object) -> None:
    with pytest.raises(WeChatError, match="47003"):
        values_of(Template("T", "t", "t:{{thing1.DATA}}"), wrong)
