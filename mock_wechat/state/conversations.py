"""How many customer service messages each user may get: an account may only answer (客服消息下发规则)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from math import inf
from typing import Final

MINUTE: Final = 60
TWO_DAYS: Final = 48 * 3600
RECENT_SECONDS = 30
"""An account may show that it is typing this long after a message in either direction (客服输入状态)."""
TYPING_SECONDS = 15

MESSAGES = ("text", "image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage")
_TAPS = ("CLICK", "scancode_push", "scancode_waitmsg", "subscribe", "SCAN")

ALLOWED: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(MESSAGES, (5, TWO_DAYS)),
    **dict.fromkeys(_TAPS, (3, MINUTE)),
    "user_enter_tempsession": (2, MINUTE),  # mini programs
}
"""How many messages a user's action allows, and for how many seconds. Actions are named by MsgType, events by Event."""


@dataclass
class _Conversation:
    """How many messages are left, and until when; the last message, and the end of `typing` (all Unix seconds)."""

    left: int = 0
    until: float = -inf
    spoke: float = -inf
    typing_until: float = -inf


class Conversations:
    """The conversation of each user with each account."""

    def __init__(self) -> None:
        self._all: defaultdict[tuple[str, str], _Conversation] = defaultdict(_Conversation)

    def heard(self, appid: str, openid: str, now: float, event: str) -> None:
        """A user sent a message of this MsgType, or caused this Event. Only those in `ALLOWED` allow messages.

        Allowances do not add up: the larger number and the later end count, as documented for mini programs and
        assumed for official accounts. Unfollowing ends them.
        """
        if event == "unsubscribe":
            self._all.pop((appid, openid), None)
        if event not in ALLOWED:
            return
        conversation = self._all[appid, openid]
        left, seconds = ALLOWED[event]
        conversation.left = left if now >= conversation.until else max(left, conversation.left)
        conversation.until = max(now + seconds, conversation.until)
        if event in MESSAGES:
            conversation.spoke = now

    def take(self, appid: str, openid: str, now: float) -> int | None:
        """Count a message to this user: None, or the errcode of a refusal: 45015 (too late), 45047 (too many)."""
        conversation = self._all[appid, openid]
        if now >= conversation.until:
            return 45015
        if not conversation.left:
            return 45047
        conversation.left -= 1
        conversation.spoke = now
        conversation.typing_until = now
        return None

    def type(self, appid: str, openid: str, now: float, *, begins: bool) -> int | None:
        """Show or hide that the account is typing: None, or the errcode of a refusal: 45015, 45080, 45081."""
        conversation = self._all[appid, openid]
        if now >= conversation.until:
            return 45015
        if now - conversation.spoke > RECENT_SECONDS:
            return 45080
        if begins and now < conversation.typing_until:
            return 45081
        conversation.typing_until = now + TYPING_SECONDS if begins else now
        return None
