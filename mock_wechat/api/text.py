"""/wxa/msg_sec_check, versions 1 and 2 (WECHAT.md 3)."""

from collections.abc import Sequence

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.words import TEST_STRINGS, Word, found
from .asked import ESCAPED_NON_ASCII, OK, size
from .exchange import Endpoint, Exchange

V1_BYTES = 500 * 1024
"""Longer content passes unchecked."""
V2_CHARACTERS = 2500
PROFILE = 1
"""In this scene the signature is checked, too."""
BY_VERSION = {None: 1, 1: 1, "1": 1, 2: 2, "2": 2}
"""The body's `version`; WeChat accepts a string, too."""


def msg_sec_check(exchange: Exchange) -> dict[str, object]:
    """One URL for both versions; the body's `version` selects."""
    account = exchange.counted_caller("mini")
    if not exchange.request.body:
        raise WeChatError(44002)
    asked = exchange.request.json_object
    content = asked.get("content")
    if not isinstance(content, str) or not content:
        raise WeChatError(47001)
    version = asked.get("version")
    known = BY_VERSION.get(version) if isinstance(version, int | str | None) else None
    if known is None or (version is None and ("openid" in asked or "scene" in asked)):
        raise WeChatError(47001)  # a missing or misnamed version is not read as version 1 (WECHAT.md 3.3)
    return _version_1(exchange, content) if known == 1 else _version_2(exchange, account, asked, content)


def _version_1(exchange: Exchange, content: str) -> dict[str, object]:
    too_long = size(content) > V1_BYTES
    if too_long or ESCAPED_NON_ASCII.search(exchange.request.body):
        exchange.notes.append("unchecked")  # WeChat lets both pass unchecked (WECHAT.md 0.18, 3.1)
        return OK
    words = found(exchange.state.words, content)
    if any(test in content for test in TEST_STRINGS) or any(word.suggest == "risky" for word in words):
        raise WeChatError(87014)
    return OK


def _version_2(exchange: Exchange, account: Account, asked: dict[str, object], content: str) -> dict[str, object]:
    exchange.user(account, asked)
    if len(content) > V2_CHARACTERS:
        raise WeChatError(45002)  # assumed (WECHAT.md 12.3)
    names = ("title", "nickname", *(["signature"] if asked["scene"] == PROFILE else []))
    texts = (content, *(text for name in names if isinstance(text := asked.get(name), str)))
    words = found(exchange.state.words, "\n".join(texts))
    worst = words[0] if words else Word("", "pass", 100)
    label = worst.result_label or (100 if worst.suggest == "pass" else worst.label)
    result = {"suggest": worst.suggest, "label": label}
    return OK | {"detail": _detail(words), "trace_id": exchange.state.new_rid(), "result": result}


def _detail(words: Sequence[Word]) -> list[dict[str, object]]:
    """The content model's item, then one for each word on the account's own list; without any, one bare item."""
    model: dict[str, object] = {"strategy": "content_model", "errcode": 0}
    worst = next((word for word in words if word.prob is not None), Word("", "pass", 100, prob=90))
    model |= {"suggest": worst.suggest, "label": worst.label, "prob": worst.prob}
    keyword: dict[str, object] = {"strategy": "keyword", "errcode": 0}
    items = []
    for word in words:
        if word.level is not None or word.prob is None:
            level = word.level or (90 if word.suggest == "risky" else 20)
            items.append(keyword | {"suggest": word.suggest, "label": word.label, "level": level, "keyword": word.word})
    return [model, *(items or [keyword])]


ENDPOINTS = (Endpoint("/wxa/msg_sec_check", "POST", msg_sec_check),)
