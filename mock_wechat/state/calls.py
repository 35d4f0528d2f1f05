"""The call log, bounded and with real secrets masked; and the refused calls by rid."""

import re
from collections import OrderedDict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Literal, TypeVar

from ..errors import WeChatError
from ..wire import path_matches
from .credentials import Generation

T = TypeVar("T")
TokenState = Literal["current", "overlap", "dead", "unknown"]

RID_SECONDS = 7 * 86400
"""How long a rid can be queried (WECHAT.md 0.10)."""
RECENT_SIZE = 10_000
BODY_CHARACTERS = 10_000
"""How much of a body or answer is kept; `body_length` and `body_sha256` describe the whole."""

_RID = re.compile(r"([0-9a-f]{8})-[0-9a-f]{8}-[0-9a-f]{8}")
_IN_JSON = re.compile(r'("(?:app)?secret"\s*:\s*")((?:[^"\\]|\\.)*)')
_IN_FORM = re.compile(r"((?:^|[&?])(?:app)?secret=)([^&\s]*)")


@dataclass(frozen=True)
class Call:
    """One call to a WeChat path, as it was at that moment (`at` in Unix seconds, by the mock's clock).

    `token_state` is that of the access_token in the query, None without one; `used` identifies it, `issued` the token
    or ticket in the answer. `status` is None if the connection was dropped; `errcode` is None if the answer has none.
    `notes` add what an answer does not show: "unchecked" (accepted but not moderated), "fault", "secret_leaked" (an
    AppSecret was sent to an endpoint that takes none).
    """

    id: int
    at: float
    client: str
    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: str | None
    body_length: int
    body_sha256: str
    appid: str | None
    token_state: TokenState | None
    used: Generation | None
    issued: Generation | None
    status: int | None
    errcode: int | None
    answer: str | None
    notes: tuple[str, ...]


class CallLog:
    """The last `size` calls, oldest first. `last_id` is the newest call ever, kept or not; 0 before the first."""

    def __init__(self, size: int) -> None:
        self._calls: deque[Call] = deque(maxlen=size)
        self.last_id = 0

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def add(self, call: Call) -> None:
        self._calls.append(call)

    @property
    def first_id(self) -> int | None:
        """The oldest call that is kept."""
        return self._calls[0].id if self._calls else None

    def find(self, path: str | None, *, after: int = 0, newest: int | None = None) -> list[Call]:
        """The calls to `path` (which may end in `*`), or all: those after the id `after`, the last `newest`."""
        later = takewhile(lambda call: call.id > after, reversed(self._calls))  # polling wants the end of a long log
        matching = (call for call in later if path is None or path_matches(call.path, path))
        return list(islice(matching, newest))[::-1]

    def forget(self) -> None:
        self._calls.clear()


class Mask:
    """Replaces AppSecrets by `***`, except those that begin with `mock-`, which are not real."""

    def __init__(self, secrets: Iterable[str]) -> None:
        self._secrets = [secret for secret in secrets if _is_real(secret)]

    def mapping(self, given: Mapping[str, str]) -> dict[str, str]:
        """A query or headers; values of names that mean a secret are masked as a whole."""
        return {
            name: "***" if name in ("secret", "appsecret") and _is_real(value) else self.line(value)
            for name, value in given.items()
        }

    def text(self, given: bytes) -> str | None:
        """A body or an answer, cut to what the log keeps; None if it is not UTF-8."""
        try:
            return self.line(given.decode())[:BODY_CHARACTERS]
        except UnicodeDecodeError:
            return None

    def line(self, given: str) -> str:
        """Any text: masks known secrets, and values in secret fields of JSON and forms."""
        for secret in self._secrets:
            given = given.replace(secret, "***")
        for pattern in (_IN_JSON, _IN_FORM):
            given = pattern.sub(lambda found: found[1] + ("***" if _is_real(found[2]) else found[2]), given)
        return given


def _is_real(secret: str) -> bool:
    return bool(secret) and not secret.startswith("mock-")


class Recent(OrderedDict[str, T]):
    """A dict that keeps the last 10,000 entries."""

    def put(self, key: str, value: T) -> None:
        self[key] = value
        if len(self) > RECENT_SIZE:
            self.popitem(last=False)


class Rids(Recent[Call]):
    """The refused calls that WeChat still knows, by rid."""

    def find(self, rid: str, appid: str, now: float) -> Call:
        """An account's own call. Raises WeChatError 76001 to 76004."""
        match = _RID.fullmatch(rid)
        if match is None:
            raise WeChatError(76002)
        if not now - RID_SECONDS < int(match[1], 16) <= now:
            raise WeChatError(76004)
        call = self.get(rid)
        if call is None or call.path.startswith("/sns/"):
            raise WeChatError(76001)
        if call.appid != appid:
            raise WeChatError(76003)
        return call
