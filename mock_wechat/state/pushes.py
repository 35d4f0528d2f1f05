"""Media checks with a verdict to push, push faults, and the log of pushes."""

from collections import deque
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from itertools import count
from threading import Event
from typing import Annotated, Literal

from ..fields import MAX, Fields, WrongField, flag, number, or_null, text, whole

MAX_WAITING = 1000
"""Beyond this number the oldest check is dropped."""
LOG_SIZE = 1000

Outcome = Literal["accepted", "refused", "timeout", "unreachable", "forbidden", "unsent", "lost"]
"""`refused`: the answer was neither `success` nor empty; `forbidden`: an address that the mock may not call; `unsent`:
it could not be encrypted; `lost`: by a fault."""


@dataclass
class PushFault:
    """Effects on the next `times` verdicts (None: all), or on those of one account.

    `errcode` lets the check fail, with -1008 as for a failed download. `stamp_seconds` moves the timestamp.
    """

    times: Annotated[int | None, or_null(whole(1))] = 1
    appid: Annotated[str | None, or_null(text)] = None
    lose: Annotated[bool, flag] = False
    copies: Annotated[int, whole(1, 100)] = 1
    delay_seconds: Annotated[float, number(0, 86400)] = 0.0
    errcode: Annotated[int, whole(-MAX)] = 0
    stamp_seconds: Annotated[int, whole(-MAX)] = 0
    wrong_signature: Annotated[bool, flag] = False

    @classmethod
    def read(cls, fields: Fields) -> "PushFault":
        """Read a control call's fields. Raises WrongField."""
        fault = fields.build(cls)
        if not fault.as_json().keys() - {"times", "appid"}:
            raise WrongField("lose", "no effect: set lose, copies, delay_seconds, errcode, stamp_seconds, ...")
        return fault

    def as_json(self) -> dict[str, object]:
        """The fields that are set; `times` is what remains."""
        given = {name: value for name, value in asdict(self).items() if value != getattr(PushFault, name)}
        return given | {"times": self.times}


@dataclass(frozen=True)
class MediaCheck:
    """One accepted check. `due_at` is in Unix seconds by WeChat's clock; `seed` makes its nonces."""

    trace_id: str
    appid: str
    version: int
    media_url: str
    is_image: bool
    openid: str
    due_at: float
    seed: int
    fault: PushFault


@dataclass(frozen=True)
class Push:
    """One attempt (1 to 3) to deliver one of a message's `copies`, at `at` (Unix seconds by WeChat's clock).

    `message` is the decrypted `body`; `trace_id` is that of a verdict. `status` and `answer` are the receiver's, None
    without one; `detail` explains why there is none, or what is wrong with it. A lost push was not sent.
    """

    id: int
    at: float
    appid: str
    trace_id: str | None
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


class PushQueue:
    """Verdicts to push, and the log of pushes, oldest first. `changed` is set when there is more to do."""

    def __init__(self) -> None:
        self.changed = Event()
        self.forget()

    def forget(self) -> None:
        """Start over. A running delivery still writes into the old `pushes`."""
        self.waiting: deque[MediaCheck] = deque(maxlen=MAX_WAITING)
        self.pushes: deque[Push] = deque(maxlen=LOG_SIZE)
        self.faults: list[PushFault] = []
        self.ids = count(1)

    def add(self, check: MediaCheck) -> None:
        self.waiting.append(check)
        self.changed.set()

    def take(self, checks: list[MediaCheck]) -> None:
        """Remove these from the queue."""
        for check in checks:
            self.waiting.remove(check)

    def take_fault(self, appid: str) -> PushFault:
        """The fault of this account's next verdict, counted down."""
        for fault in self.faults:
            if fault.appid in (None, appid):
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                return fault
        return PushFault()

    def pushes_of(self, trace_id: str | None) -> list[Push]:
        """All pushes, or those of one check."""
        return [push for push in self.pushes if trace_id in (None, push.trace_id)]
