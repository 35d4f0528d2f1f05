"""The templates of each account: of template messages, and of mini programs' subscription messages."""

import hashlib
import re
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace

from .accounts import Account, Kind

MOST: Mapping[Kind, int] = {"official": 25, "mini": 50}
"""Most templates of one account; the number for mini programs is assumed."""
_FIELD = re.compile(r"\{\{\s*(\w+)\.DATA\s*\}\}")
_LINE = re.compile(r"^([^:：{]+)[:：]\{\{", re.MULTILINE)


@dataclass(frozen=True)
class Template:
    """One template. `content` has a line `名称：{{name.DATA}}` for each field."""

    id: str
    title: str
    content: str
    example: str = ""
    primary_industry: str = ""
    deputy_industry: str = ""

    @property
    def fields(self) -> list[str]:
        """The names of the fields, in order."""
        return _FIELD.findall(self.content)

    @property
    def labels(self) -> list[str]:
        """The keywords before the fields, in order; a new template chooses among them."""
        return _LINE.findall(self.content)

    def with_lines(self, chosen: list[str]) -> "Template":
        """A template without id, with the lines of these labels in this order."""
        texts = (self.content, self.example)
        contents, examples = (dict(zip(self.labels, text.splitlines(), strict=False)) for text in texts)
        content, example = ("".join(f"{lines[label]}\n" for label in chosen) for lines in (contents, examples))
        return replace(self, id="", content=content, example=example)

    def text(self, values: Mapping[str, str]) -> str:
        """The content with values filled in; fields without a value are empty."""
        return _FIELD.sub(lambda field: values.get(field[1], ""), self.content).strip()


_IT = ("IT科技", "互联网|电子商务")
HISTORICAL = (
    Template(
        "TM00015",
        "订单支付成功",
        "{{first.DATA}}\n\n支付金额：{{orderMoneySum.DATA}}\n商品信息：{{orderProductName.DATA}}\n{{Remark.DATA}}",
        "我们已收到您的货款。\n\n支付金额：30.00元\n商品信息：巧克力\n如有问题请联系客服。",
        *_IT,
    ),
    Template(
        "OPENTM201490080",
        "购买成功通知",
        "{{first.DATA}}\n商品名称：{{keyword1.DATA}}\n消费金额：{{keyword2.DATA}}\n"
        "购买时间：{{keyword3.DATA}}\n{{remark.DATA}}",
        "恭喜你购买成功！\n商品名称：巧克力\n消费金额：39.8元\n购买时间：2014年9月22日\n欢迎再次购买！",
        *_IT,
    ),
)
"""Templates of the library that was closed in 2023: official accounts keep theirs, but may not add more."""

LIBRARY: Mapping[Kind, Mapping[str, Template]] = {
    "official": {
        "47123": Template(
            "47123",
            "预约成功通知",
            "时间：{{time1.DATA}}\n地点：{{thing2.DATA}}\n金额：{{amount3.DATA}}\n订单号：{{character_string4.DATA}}\n",
            "时间：2026年11月21日 15:01\n地点：TIT创意园\n金额：39.8元\n订单号：20261121\n",
            *_IT,
        )
    },
    "mini": {
        "401": Template(
            "401",
            "报名结果通知",
            "会议时间:{{date2.DATA}}\n会议地点:{{thing1.DATA}}\n",
            "会议时间:2016年8月8日\n会议地点:TIT会议室\n",
        ),
        "1221": Template(
            "1221",
            "订单发货通知",
            "订单号:{{character_string1.DATA}}\n商品名称:{{thing2.DATA}}\n"
            "发货时间:{{time3.DATA}}\n订单金额:{{amount4.DATA}}\n",
            "订单号:20261121\n商品名称:巧克力\n发货时间:2019年10月1日 15:01\n订单金额:39.8元\n",
        ),
    },
}
"""The templates that accounts may add, by template_id_short or tid: the documents' examples, and the mock's own."""


class Templates:
    """The templates of each account by id; an account begins with all templates for its kind."""

    def __init__(self) -> None:
        self._templates: dict[str, dict[str, Template]] = {}
        self._added = 0

    def of(self, account: Account) -> dict[str, Template]:
        if account.appid not in self._templates:
            historical = HISTORICAL if account.kind == "official" else ()
            first = [*historical, *LIBRARY.get(account.kind, {}).values()]
            named = [replace(template, id=_new_id(account.appid, template.id)) for template in first]
            self._templates[account.appid] = {template.id: template for template in named}
        return self._templates[account.appid]

    def add(self, account: Account, template: Template) -> Template:
        """Add a template, under a new id if it has none, or replace the one with its id."""
        self._added += 1
        if not template.id:
            template = replace(template, id=_new_id(account.appid, template.title, str(self._added)))
        self.of(account)[template.id] = template
        return template


def _new_id(*seed: str) -> str:
    """43 characters, like WeChat's; they repeat from run to run."""
    digest = hashlib.sha256("\n".join(seed).encode("utf-8", "surrogatepass")).digest()
    return urlsafe_b64encode(digest).decode().rstrip("=")
