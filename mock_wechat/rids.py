"""The refusals that WeChat still remembers: a rid can be asked about for seven days (WECHAT.md 0.10)."""

import re
from collections import OrderedDict

from .calls import Call
from .errors import WeChatError

LIFE = 7 * 86400
"""Seconds."""
HISTORY = 10_000
"""Refusals that are remembered."""

_GRAMMAR = re.compile(r"([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{8}")


class Rids:
    """Which call each rid stands for."""

    def __init__(self) -> None:
        self._calls: OrderedDict[str, Call] = OrderedDict()

    def add(self, rid: str, call: Call) -> None:
        self._calls[rid] = call
        if len(self._calls) > HISTORY:
            self._calls.popitem(last=False)

    def find(self, rid: str, appid: str, now: float) -> Call:
        """The call of an account's own. Raises WeChatError 76001 to 76004."""
        grammar = _GRAMMAR.fullmatch(rid)
        if grammar is None:
            raise WeChatError(76002)
        if not now - LIFE < int(grammar[1], 16) <= now:
            raise WeChatError(76004)
        call = self._calls.get(rid)
        if call is None or call.path.startswith("/sns/"):
            raise WeChatError(76001)
        if call.appid != appid:
            raise WeChatError(76003)
        return call

    def forget(self) -> None:
        self._calls.clear()
