"""/wxa/msg_sec_check, versions 1 and 2 (WECHAT.md 3)."""

import re

from ..errors import WeChatError, new_rid
from ..words import TEST_STRINGS, Word, worst
from .exchange import Endpoint, Exchange

DAILY = 2_000_000
V1_BYTES = 500 * 1024
"""Longer content passes unchecked."""
V2_CHARACTERS = 2500
SCENES = (1, 2, 3, 4)

_ESCAPED_NON_ASCII = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[0-7])")


def msg_sec_check(exchange: Exchange) -> dict[str, object]:
    """One URL for both versions; the body's `version` selects."""
    account = exchange.caller_by_token("mini")
    exchange.spend(account, DAILY)
    if not exchange.request.body:
        raise WeChatError(44002)
    asked = exchange.request.json_object
    content = asked.get("content")
    if not isinstance(content, str) or not content:
        raise WeChatError(47001)
    return _version_2(exchange, asked, content) if asked.get("version") in (2, "2") else _version_1(exchange, content)


def _version_1(exchange: Exchange, content: str) -> dict[str, object]:
    too_long = len(content.encode("utf-8", "surrogatepass")) > V1_BYTES
    if too_long or _ESCAPED_NON_ASCII.search(exchange.request.body):
        exchange.notes.append("unchecked")  # both pass at WeChat without a look at them (WECHAT.md 0.18, 3.1)
        return {"errcode": 0, "errmsg": "ok"}
    found = worst(exchange.state.words, content)
    if any(test in content for test in TEST_STRINGS) or (found and found.suggest == "risky"):
        raise WeChatError(87014)
    return {"errcode": 0, "errmsg": "ok"}


def _version_2(exchange: Exchange, asked: dict[str, object], content: str) -> dict[str, object]:
    if not isinstance(asked.get("openid"), str) or "scene" not in asked:
        raise WeChatError(47001)
    if asked["scene"] not in SCENES:
        raise WeChatError(40129)
    if len(content) > V2_CHARACTERS:
        raise WeChatError(45002)  # assumed (WECHAT.md 12.3)
    found = worst(exchange.state.words, content)
    verdict = _verdict(found)
    keyword = {"level": 90, "keyword": found.word} if found else {}
    return {
        "errcode": 0,
        "errmsg": "ok",
        "detail": [
            {"strategy": "content_model", "errcode": 0, "suggest": "pass", "label": 100, "prob": 90},
            {"strategy": "keyword", "errcode": 0} | (verdict | keyword if found else {}),  # bare without a hit
        ],
        "trace_id": new_rid(exchange.now, exchange.state.random),
        "result": verdict,
    }


def _verdict(found: Word | None) -> dict[str, object]:
    return {"suggest": found.suggest, "label": found.label} if found else {"suggest": "pass", "label": 100}


ENDPOINTS = (Endpoint("/wxa/msg_sec_check", "POST", msg_sec_check),)
