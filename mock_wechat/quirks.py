"""How answers are written, and WeChat's variants of that (WECHAT.md 0.5 to 0.9, 0.17, 11)."""

from collections.abc import Collection
from random import Random
from string import ascii_letters, ascii_lowercase, digits

from .wire import compact

QUIRKS = {
    "errcode_as_text": 'errcode is "0", as in the documents',
    "errcode_always": "successes that usually have none begin with errcode 0 and errmsg ok",
    "hint": "errors end in a hint, as until 2020",
    "hint_and_rid": "errors end in a hint and a rid",
    "comma": "a comma before the rid, whatever the path",
    "no_comma": "no comma before the rid, whatever the path",
    "no_rid": "errors end without a rid",
    "meida": "invalid meida size, a typo that is live beside the right one",
    "reversed_keys": "all keys in reverse order",
    "control_characters": "a raw control character in texts for people",
}

_TEXTS = ("errmsg", "nickname")
_CONTROL = "\x01"


def suffix(path: str, rid: str, quirks: Collection[str]) -> str:
    """The end of an error's text: /sns paths have a comma before the rid, others do not (WECHAT.md 0.5)."""
    is_sns = path.startswith("/sns/")
    if "no_rid" in quirks:
        return ""
    if "hint_and_rid" in quirks:
        return f"{_hint(is_sns, rid)} rid: {rid}"
    if "hint" in quirks:
        return _hint(is_sns, rid)
    has_comma = "comma" in quirks or (is_sns and "no_comma" not in quirks)
    return f"{',' if has_comma else ''} rid: {rid}"


def error_payload(errcode: int, errmsg: str, path: str, rid: str, quirks: Collection[str] = ()) -> dict[str, object]:
    """The payload of an error."""
    return {"errcode": errcode, "errmsg": errmsg + suffix(path, rid, quirks)}


def encoded(payload: dict[str, object], quirks: Collection[str]) -> bytes:
    """The body of an answer."""
    if "errcode_always" in quirks and "errcode" not in payload:
        payload = {"errcode": 0, "errmsg": "ok"} | payload
    if "errcode_as_text" in quirks and "errcode" in payload:
        payload = payload | {"errcode": str(payload["errcode"])}
    if "meida" in quirks and "errmsg" in payload:
        payload = payload | {"errmsg": str(payload["errmsg"]).replace("media size", "meida size")}
    if "control_characters" in quirks:
        payload = payload | {name: f"{payload[name]}{_CONTROL}" for name in _TEXTS if name in payload}
    if "reversed_keys" in quirks:
        payload = {name: _reversed(payload[name]) for name in reversed(payload)}
    text = compact(payload)
    if "control_characters" in quirks:
        text = text.replace("\\u0001", _CONTROL)
    return text.encode("utf-8", "replace")


def _hint(is_sns: bool, rid: str) -> str:
    random = Random(rid)  # noqa: S311 -- repeats with the rid
    if is_sns:
        return f", hints: [ req_id: {''.join(random.choices(ascii_lowercase + digits, k=13))} ]"
    return f" hint: [{''.join(random.choices(ascii_letters, k=6))}{''.join(random.choices(digits, k=8))}]"


def _reversed(value: object) -> object:
    if isinstance(value, dict):
        return {name: _reversed(value[name]) for name in reversed(value)}
    return [_reversed(item) for item in value] if isinstance(value, list) else value
