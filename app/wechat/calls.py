"""A call before it is sent, and when it may be sent again."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum

from .exchange import Request


class Trouble(Enum):
    """What went wrong with an attempt, where another one might go well."""

    BUSY = "WeChat asks to try again (-1)"
    MINUTE_LIMIT = "too many calls in this minute (45011)"
    BROKEN = "HTTP 5xx, a reset, an answer that is cut off or cannot be read: WeChat may have acted on the call"
    LATE = "no complete answer in time: WeChat may have acted on the call, or still will"


@dataclass(frozen=True, slots=True)
class Retry:
    """After which troubles a call is sent again, the whole of it, and how long to wait before that.

    `waits` has the shortest and the longest wait, in seconds, for each further attempt.
    """

    after: frozenset[Trouble] = frozenset()
    waits: tuple[tuple[float, float], ...] = ()


ONCE = Retry()
"""for what must not happen twice: sent on a new connection, so that nobody wonders whether an old one was dead"""

FOR_CREDENTIALS = Retry(frozenset(Trouble), ((0.15, 0.25), (0.4, 0.6)))
"""somebody waits for it, and asking twice does no harm"""

FOR_CHECKS = Retry(frozenset({Trouble.BUSY, Trouble.BROKEN}), ((0.2, 0.5),))
"""a caller waits: not for a WeChat that takes its time"""


@dataclass(frozen=True, slots=True)
class Call:
    """One call to WeChat."""

    method: str
    endpoint: str
    """path, such as `/cgi-bin/token`"""
    params: Mapping[str, str] = field(default_factory=dict, repr=False)
    json: Mapping[str, object] | None = field(default=None, repr=False)
    file: tuple[str, bytes, str] | None = field(default=None, repr=False)
    """filename, content, content type: sent as one part of a multipart form"""
    secrets: Sequence[str] = field(default=(), repr=False)
    """what must not be in any error, even if WeChat says it"""
    retry: Retry = ONCE

    def request(self, host: str) -> Request:
        """The HTTP request that it makes at `host` (scheme, name, port)."""
        once = not self.retry.waits
        return Request(self.method, host + self.endpoint, self.params, self.json, self.file, once=once)
