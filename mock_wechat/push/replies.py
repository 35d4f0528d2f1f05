"""The passive reply to a user's message, read as WeChat reads it (被动回复用户消息, 消息加解密说明)."""

import json
from collections.abc import Mapping
from typing import Final

from .. import crypto
from ..state.accounts import Account
from .attempts import NO_REPLY
from .xml import read_xml

NEEDED, OPTIONAL = True, False
REPLIES: Final[Mapping[str, Mapping[str, object]]] = {
    "text": {"Content": NEEDED},
    "image": {"Image": {"MediaId": NEEDED}},
    "voice": {"Voice": {"MediaId": NEEDED}},
    "video": {"Video": {"MediaId": NEEDED, "Title": OPTIONAL, "Description": OPTIONAL}},
    "music": {
        "Music": {**dict.fromkeys(("Title", "Description", "MusicUrl", "HQMusicUrl"), OPTIONAL), "ThumbMediaId": NEEDED}
    },
    "news": {},
    "transfer_customer_service": {"TransInfo": {"KfAccount": OPTIONAL}},
    "miniprogrampage": {  # undocumented, but in SDKs
        "MiniprogramPage": {"Title": NEEDED, "AppId": NEEDED, "PagePath": NEEDED, "ThumbMediaId": NEEDED}
    },
}
"""The fields of each MsgType beside the envelope; others are ignored."""
TRANSFER = "transfer_customer_service"
ARTICLE = {"Title": NEEDED, "Description": OPTIONAL, "PicUrl": OPTIONAL, "Url": OPTIONAL}
MAX_ARTICLES = 8
"""In a reply to an event; a reply to a message has 1. WeChat shows no further articles (被动回复用户消息)."""
MAX_DIGITS = 20


def read_reply(body: bytes, pushed: Mapping[str, object], account: Account) -> dict[str, object] | None:
    """The reply to a pushed message, None for `success` or an empty body. Raises ValueError if WeChat can't use it."""
    if body in NO_REPLY:
        return None
    given = _opened(_parsed(body, account), account)
    for name, other in (("ToUserName", "FromUserName"), ("FromUserName", "ToUserName")):
        if given.get(name) != pushed[other]:
            raise ValueError(f"{name} is {_shown(given.get(name))}, not the {other} of the message, {pushed[other]}")
    created, kind = _number(given, "CreateTime"), given.get("MsgType")
    if account.kind == "mini" and kind != TRANSFER:
        raise ValueError(f"a mini program takes no reply but success and {TRANSFER}: use message/custom/send")
    if not isinstance(kind, str) or kind not in REPLIES:
        raise ValueError(f"MsgType is {_shown(kind)}, not one of {', '.join(REPLIES)}")
    head = {"ToUserName": given["ToUserName"], "FromUserName": given["FromUserName"]}
    details = _news(given, pushed) if kind == "news" else _picked(given, REPLIES[kind])
    return {**head, "CreateTime": created, "MsgType": kind, **details}


def _parsed(body: bytes, account: Account) -> dict[str, object]:
    """The fields of XML or JSON. It must be the account's format; forwarding at a mini program is always XML."""
    try:
        text = body.decode()
    except UnicodeDecodeError:
        raise ValueError("not UTF-8") from None
    if text.startswith("\ufeff"):
        raise ValueError("it begins with a byte order mark")  # a frequent cause, by reports
    if not text.lstrip().startswith("{"):
        if account.form == "json" and account.kind == "official":
            raise ValueError("not JSON, and the account's push_format is json")
        return read_xml(text)
    if account.form == "xml":
        raise ValueError("JSON, but the account's push_format is xml")
    try:
        given = json.loads(text)
    except (ValueError, RecursionError):
        raise ValueError("not JSON") from None
    return dict(given)


def _opened(given: dict[str, object], account: Account) -> dict[str, object]:
    """The fields, decrypted if the account's mode encrypts them."""
    if "Encrypt" not in given:
        if account.push_mode == "secure":
            raise ValueError("it is not encrypted, and the account's push_mode is secure")
        return given
    if account.push_mode == "plain":
        raise ValueError("it is encrypted, and the account's push_mode is plain")
    parts = [str(given.get(name, "")) for name in ("TimeStamp", "Nonce", "Encrypt")]
    if given.get("MsgSignature") != crypto.signature(account.push_token, *parts):
        raise ValueError("MsgSignature is not that of token, TimeStamp, Nonce and Encrypt")
    content, appid = crypto.decrypt(parts[-1], account.push_aes_key)
    if appid != account.appid:
        raise ValueError(f"it is encrypted for {_shown(appid)}, not for {account.appid}")
    return _parsed(content.encode(), account)


def _picked(given: object, schema: Mapping[str, object], prefix: str = "") -> dict[str, object]:
    fields = given if isinstance(given, dict) else {}
    picked: dict[str, object] = {}
    for name, wanted in schema.items():
        value = fields.get(name)
        if isinstance(wanted, Mapping):
            if inner := _picked(value, wanted, f"{prefix}{name}."):
                picked[name] = inner
        elif isinstance(value, str) and value:
            picked[name] = value
        elif wanted:
            raise ValueError(f"{prefix}{name} is missing, empty, or not one text")
    return picked


def _news(given: dict[str, object], pushed: Mapping[str, object]) -> dict[str, object]:
    count = _number(given, "ArticleCount")
    articles = given.get("Articles")
    items = articles.get("item") if isinstance(articles, dict) else articles
    found = [_picked(item, ARTICLE, "Articles.item.") for item in (items if isinstance(items, list) else [items])]
    if count != len(found):
        raise ValueError(f"ArticleCount is {count}, but there are {len(found)} articles")  # assumed to be an error
    shown = found[: MAX_ARTICLES if pushed["MsgType"] == "event" else 1]
    return {"ArticleCount": count, "Articles": {"item": shown}}


def _number(given: dict[str, object], name: str) -> int:
    digits = str(given.get(name, ""))
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > MAX_DIGITS:
        raise ValueError(f"{name} is missing or not a whole number")
    return int(digits)


def _shown(value: object) -> str:
    return repr(value)[:100] if value is not None else "missing"
