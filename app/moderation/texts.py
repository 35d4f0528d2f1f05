"""A text to check, and the calls that it takes at WeChat: version 2 where the user is known, version 1 otherwise."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast, get_args

from ..errors import RiskyContent, WeChatUnavailable
from ..wechat import MSG_SEC_CHECK, WeChatClient
from .splitting import V1, V2, split
from .verdicts import Suggest, Verdict

API_1, API_2 = "msg_sec_check/1", "msg_sec_check/2"
PROFILE = 1
"""the scene (资料) in which WeChat reads `signature`"""
COMMENT = 2
"""the scene (评论) of callers that name none"""
MOST_CHARACTERS_BESIDE = 2_500
"""of title, nickname and signature each: it is unknown whether WeChat reads longer ones"""

_MOST_DETAILS = 50
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")
_EMOJI = r"\u2190-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff"
_INVISIBLE = re.compile(
    # Default_Ignorable_Code_Point (Unicode 15.1, DerivedCoreProperties.txt) without U+200D
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200c\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
    r"\u2800\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]"  # an empty Braille pattern, control characters
    rf"|(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])"  # a joiner that joins no emoji
)


def cleaned(text: str) -> str:
    """The text as it is sent: without characters that no reader sees, so that a word with one inside is the word.

    Line ends, tabs and the joiners inside emoji stay. Half a character (a lone surrogate, as of a text that was cut by
    its length) becomes U+FFFD.
    """
    return _INVISIBLE.sub("", _LONE_SURROGATE.sub("\ufffd", text))


@dataclass(frozen=True, slots=True)
class Text:
    """What a user wrote, `cleaned`. With `openid` version 2 is asked; `scene`: 1 profile, 2 comment, 3 forum, 4 log."""

    content: str = field(repr=False)
    openid: str | None = None
    scene: int = 2
    beside: Mapping[str, str] = field(default_factory=dict, repr=False)
    """`title`, `nickname` and `signature`, where given"""

    @property
    def characters(self) -> int:
        """All that is to be checked."""
        return len(self.content) + sum(map(len, self.beside.values()))

    def calls(self) -> "Sequence[TextCall]":
        """The calls that check all of it: one, unless it is long."""
        if self.openid is None:
            return self.calls_without_openid()
        known = {name: text for name, text in self.beside.items() if name != "signature" or self.scene == PROFILE}
        who: dict[str, str | int] = {"version": 2, "scene": self.scene, "openid": self.openid}
        parts = split(self._joined(except_for=known), V2)
        return [TextCall(API_2, {**who, "content": part, **known}) for part in parts]

    def calls_without_openid(self) -> "Sequence[TextCall]":
        """Those of version 1."""
        return [TextCall(API_1, {"content": part}) for part in split(self._joined(except_for=()), V1)]

    def _joined(self, except_for: Mapping[str, str] | Sequence[str]) -> str:
        """The content, and beneath it what the API has no place for: whatever is given is checked."""
        return "\n".join([self.content, *(text for name, text in self.beside.items() if name not in except_for)])


@dataclass(frozen=True, slots=True)
class TextCall:
    """One call of msg_sec_check."""

    api: str
    fields: Mapping[str, str | int] = field(repr=False)

    def ask(self, client: WeChatClient, access_token: str) -> Verdict:
        """WeChat's verdict. Raises WeChatError when it gives none."""
        try:
            answer = client.msg_sec_check(access_token, self.fields)
        except RiskyContent:
            return Verdict.without_label("risky", self.api)
        return Verdict.without_label("pass", self.api) if self.api == API_1 else _verdict_2(answer)


def _verdict_2(answer: Mapping[str, Any]) -> Verdict:
    """errcode 0 alone is no pass (WECHAT.md 3.2)."""
    result = answer.get("result")
    suggest = result.get("suggest") if isinstance(result, Mapping) else None
    if not isinstance(result, Mapping) or suggest not in get_args(Suggest):
        raise WeChatUnavailable(f"WeChat, {MSG_SEC_CHECK}: an answer without result.suggest.")
    label, trace_id, detail = result.get("label"), answer.get("trace_id"), answer.get("detail")
    items = detail[:_MOST_DETAILS] if isinstance(detail, list) else None
    return Verdict.with_label(
        cast(Suggest, suggest),
        label if type(label) is int else None,
        API_2,
        trace_id=trace_id if isinstance(trace_id, str) else None,
        # of the strategies that did not fail
        detail=items and [item for item in items if isinstance(item, dict) and item.get("errcode", 0) == 0],
    )
