"""The templates of each account, for template messages (official accounts) and subscription messages (mini programs)."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .accounts import Account, Kind

MOST = {"official": 25, "mini": 50}
"""Templates of one account; 50 for a mini program is assumed."""
_FIELD = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")


@dataclass(frozen=True)
class Template:
    """One template. `content` has a line `名称：{{name.DATA}}` per field."""

    id: str
    title: str
    content: str
    example: str = ""
    primary_industry: str = ""
    deputy_industry: str = ""

    @property
    def fields(self) -> list[str]:
        return _FIELD.findall(self.content)

    def text(self, values: Mapping[str, str]) -> str:
        """The content with values filled in; fields without a value are empty."""
        return _FIELD.sub(lambda field: values.get(field[1], ""), self.content).strip()


_IT = ("IT科技", "互联网|电子商务")
LIBRARY: Mapping[Kind, Mapping[str, Template]] = {
    "official": {
        "TM00015": Template(
            "",
            "订单支付成功",
            "{{first.DATA}}\n\n支付金额：{{orderMoneySum.DATA}}\n商品信息：{{orderProductName.DATA}}\n{{Remark.DATA}}",
            "我们已收到您的货款。\n\n支付金额：30.00元\n商品信息：巧克力\n如有问题请联系客服。",
            *_IT,
        ),
        "OPENTM201490080": Template(
            "",
            "购买成功通知",
            "{{first.DATA}}\n商品名称：{{keyword1.DATA}}\n消费金额：{{keyword2.DATA}}\n购买时间：{{keyword3.DATA}}\n{{remark.DATA}}",
            "恭喜你购买成功！\n商品名称：巧克力\n消费金额：39.8元\n购买时间：2014年9月22日\n欢迎再次购买！",
            *_IT,
        ),
        "43216": Template(
            "",
            "预约成功通知",
            "预约项目：{{thing1.DATA}}\n预约时间：{{time2.DATA}}\n订单号：{{character_string3.DATA}}\n",
            "预约项目：洗车\n预约时间：2026年11月21日 15:01\n订单号：20261121\n",
            *_IT,
        ),
    },
    "mini": {
        "401": Template(
            "",
            "报名结果通知",
            "会议时间:{{date2.DATA}}\n会议地点:{{thing1.DATA}}\n",
            "会议时间:2016年8月8日\n会议地点:TIT会议室\n",
        ),
        "1221": Template(
            "",
            "订单发货通知",
            "订单号:{{character_string1.DATA}}\n商品名称:{{thing2.DATA}}\n发货时间:{{time3.DATA}}\n订单金额:{{amount4.DATA}}\n",
            "订单号:20261121\n商品名称:巧克力\n发货时间:2019年10月1日 15:01\n订单金额:39.8元\n",
        ),
    },
}
"""The templates that an account may add, by template_id_short (official accounts) or tid; the mock's own, except for
the documents' 401. Each account begins with all of its kind."""


class Templates:
    """The templates of each account by id."""

    def __init__(self) -> None:
        self._templates: dict[str, dict[str, Template]] = {}
        self._added = 0

    def of(self, account: Account) -> dict[str, Template]:
        if account.appid not in self._templates:
            first = [_with_id(template, account.appid, short) for short, template in LIBRARY[account.kind].items()]
            self._templates[account.appid] = {template.id: template for template in first}
        return self._templates[account.appid]

    def add(self, account: Account, template: Template) -> Template:
        """Add a template, under a new id if it has none; ids repeat from run to run."""
        self._added += 1
        template = template if template.id else _with_id(template, account.appid, str(self._added))
        self.of(account)[template.id] = template
        return template


def _with_id(template: Template, *seed: str) -> Template:
    digest = hashlib.sha256("\n".join((template.title, *seed)).encode()).digest()
    template_id = urlsafe_b64encode(digest).decode().rstrip("=")  # 43 characters, like WeChat's
    return replace(template, id=template_id)
