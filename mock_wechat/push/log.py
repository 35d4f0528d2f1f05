"""The log of what was pushed, one entry per try: bounded."""

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Literal

Outcome = Literal["accepted", "refused", "timeout", "unreachable", "forbidden", "unsent", "lost"]
"""`refused`: the answer was neither `success` nor empty; `forbidden`: an address that the mock may not call; `unsent`:
it could not be encrypted; `lost`: by a fault."""

SIZE = 1000


@dataclass(frozen=True)
class Push:
    """One try (`attempt` 1 to 3) to deliver one of a verdict's `copies`, at `at` (Unix seconds by WeChat's clock).

    `message` is what `body` says, decrypted. `status` and `answer` are the receiver's, None without one; `detail` tells
    what stood in the way. Of a lost one nothing was sent.
    """

    id: int
    at: float
    appid: str
    trace_id: str
    url: str
    mode: str
    format: str
    copy: int
    attempt: int
    query: Mapping[str, str]
    body: str
    message: Mapping[str, object]
    outcome: Outcome
    status: int | None = None
    answer: str | None = None
    detail: str | None = None

    def as_json(self) -> dict[str, object]:
        return asdict(self)


class PushLog:
    """The last pushes, oldest first."""

    def __init__(self) -> None:
        self._pushes: deque[Push] = deque(maxlen=SIZE)
        self._last_id = 0

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def add(self, push: Push) -> None:
        self._pushes.append(push)

    def of(self, trace_id: str | None) -> list[Push]:
        """All, or those of one check."""
        return [push for push in self._pushes if trace_id in (None, push.trace_id)]
