"""How many customer service messages each user may get: an account answers, it does not begin (客服消息下发规则)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

MINUTE: Final = 60
TWO_DAYS: Final = 48 * 3600

_MESSAGES = ("text", "image", "voice", "video", "shortvideo", "location", "link", "miniprogrampage")
_TAPS = ("CLICK", "scancode_push", "scancode_waitmsg", "subscribe", "SCAN")

ALLOWED: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(_MESSAGES, (5, TWO_DAYS)),
    **dict.fromkeys(_TAPS, (3, MINUTE)),
    "user_enter_tempsession": (2, MINUTE),  # mini programs
}
"""How many messages a user's action allows, and for how many seconds. Actions are named by MsgType, events by Event."""


@dataclass
class _Allowance:
    left: int = 0
    until: float = 0


class Conversations:
    """The allowance of each user at each account."""

    def __init__(self) -> None:
        self._allowances: dict[tuple[str, str], _Allowance] = {}

    def heard(self, appid: str, openid: str, now: float, event: str) -> None:
        """A user sent a message of this MsgType, or caused this Event. Others than those of `ALLOWED` allow nothing.

        Allowances do not add up: the larger number and the later end count, as documented for mini programs and
        assumed for official accounts. Leaving an account ends them.
        """
        if event == "unsubscribe":
            self._allowances.pop((appid, openid), None)
        if event not in ALLOWED:
            return
        allowance = self._allowances.setdefault((appid, openid), _Allowance())
        left, seconds = ALLOWED[event]
        allowance.left = left if now >= allowance.until else max(left, allowance.left)
        allowance.until = max(now + seconds, allowance.until)

    def take(self, appid: str, openid: str, now: float) -> int | None:
        """Count a message to this user: None, or the errcode of a refusal: 45015 (too late), 45047 (too many)."""
        allowance = self._allowances.get((appid, openid))
        if allowance is None or now >= allowance.until:
            return 45015
        if not allowance.left:
            return 45047
        allowance.left -= 1
        return None
