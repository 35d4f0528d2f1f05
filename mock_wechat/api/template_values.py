"""The values of a template message's fields, and what each type of field accepts (订阅消息参数值内容限制说明)."""

import re
from collections.abc import Mapping

from ..errors import WeChatError
from ..state.templates import Template

_DATE = r"\d{4}(?:年|[-/.])\d{1,2}(?:月|[-/.])\d{1,2}日?"
_CLOCK = r"\d{1,2}:\d{2}(?::\d{2})?"
_TIME, _DAY = rf"(?:{_DATE} ?)?{_CLOCK}", rf"{_DATE}(?: ?{_CLOCK})?"
_CHINESE = "\u4e00-\u9fff"

_TYPES: Mapping[str, re.Pattern[str]] = {
    name: re.compile(pattern)
    for name, pattern in {
        "thing": r".{1,20}",
        "number": r"(?=.{1,32}$)\d+(?:\.\d+)?",
        "letter": r"[A-Za-z]{1,32}",
        "symbol": r"[^\w\s]{1,5}",
        "character_string": r"[ -~]{1,32}",
        "time": rf"{_TIME}(?: ?~ ?{_TIME})?",
        "date": rf"{_DAY}(?: ?~ ?{_DAY})?",
        "amount": r"[^\w\s]?\d{1,10}(?:\.\d+)?元?",
        "phone_number": r"[-\d+() ]{1,17}",
        "car_number": rf"[{_CHINESE}A-Za-z\d][A-Za-z\d]{{0,6}}[{_CHINESE}A-Za-z\d]?",
        "name": rf"(?=.*[{_CHINESE}])[^\d\n]{{1,10}}|[^\d\n{_CHINESE}]{{1,20}}",
        "phrase": rf"[{_CHINESE}]{{1,5}}",
    }.items()
}
"""Fields are named by type and number: `thing2`. Others, such as `keyword1`, accept anything, also nothing."""


def values_of(template: Template, data: object) -> dict[str, str]:
    """The values of all fields. Raises WeChatError 47003 with the field's name, as WeChat does."""
    values = {name: _value(data, name) for name in template.fields}
    for name, value in values.items():
        accepted = _TYPES.get(name.rstrip("0123456789"))
        if accepted and not value:
            raise WeChatError(47003, f"argument invalid! data.{name}.value is empty")
        if accepted and not accepted.fullmatch(value):
            raise WeChatError(47003, f"argument invalid! data.{name}.value invalid")
    return values


def _value(data: object, name: str) -> str:
    """A value as text; empty if `data` or its entry is not an object, as in data that is a string of JSON."""
    entry = data.get(name) if isinstance(data, dict) else None
    value = entry.get("value") if isinstance(entry, dict) else None
    return str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""


def rendered(template: Template, values: Mapping[str, str], **links: object) -> dict[str, str]:
    """The message as its user sees it; `links` are `url` and `page`, if they are texts."""
    shown = {name: link for name, link in links.items() if isinstance(link, str) and link}
    return {"title": template.title, "text": template.text(values), **shown}
