"""Media checks that were accepted and whose verdicts are still to be pushed; what goes wrong with them on request."""

from collections import deque
from dataclasses import asdict, dataclass
from threading import Event

from ..fields import Fields, WrongField, flag, number, or_null, text, whole
from .log import PushLog

MOST_WAITING = 1000
"""The oldest is forgotten beyond: nobody may ever ask for it."""
LONGEST = 86400


@dataclass
class PushFault:
    """The next `times` verdicts (None is all), or those of one account, go wrong like this.

    `errcode` is the check's own failure, -1008 where the download failed. `stamp_seconds` moves the timestamp.
    """

    times: int | None = 1
    appid: str | None = None
    lose: bool = False
    copies: int = 1
    delay_seconds: float = 0.0
    errcode: int = 0
    stamp_seconds: int = 0
    wrong_signature: bool = False

    @classmethod
    def read(cls, fields: Fields) -> "PushFault":
        """Check a control call's fields. Raises WrongField."""
        fault = cls(
            times=fields.may("times", or_null(whole(1, 10**9)), 1),
            appid=fields.may("appid", or_null(text), None),
            lose=fields.may("lose", flag, False),
            copies=fields.may("copies", whole(1, 100), 1),
            delay_seconds=fields.may("delay_seconds", number(0, LONGEST), 0.0),
            errcode=fields.may("errcode", whole(-(10**9), 10**9), 0),
            stamp_seconds=fields.may("stamp_seconds", whole(-(10**9), 10**9), 0),
            wrong_signature=fields.may("wrong_signature", flag, False),
        )
        fields.done()
        if not fault.effects():
            raise WrongField("lose", "nothing goes wrong: set lose, copies, delay_seconds, errcode, stamp_seconds, ...")
        return fault

    def effects(self) -> dict[str, object]:
        given = {name: value for name, value in asdict(self).items() if value != getattr(PushFault, name)}
        return {name: value for name, value in given.items() if name not in ("times", "appid")}

    def as_json(self) -> dict[str, object]:
        """What was set, defaults left out; `times` is what remains."""
        return ({"appid": self.appid} if self.appid else {}) | self.effects() | {"times": self.times}


@dataclass(frozen=True)
class Check:
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

    def as_json(self) -> dict[str, object]:
        return {"trace_id": self.trace_id, "appid": self.appid, "due_at": self.due_at}


class Checks:
    """What waits to be pushed, oldest first, and what was pushed. `news` is set when there is more to do."""

    def __init__(self) -> None:
        self.news = Event()
        self.log = PushLog()
        self.waiting: deque[Check] = deque(maxlen=MOST_WAITING)
        self.faults: list[PushFault] = []

    def add(self, check: Check) -> None:
        self.waiting.append(check)
        self.news.set()

    def take(self, checks: list[Check]) -> list[Check]:
        """These, which wait no longer."""
        for check in checks:
            self.waiting.remove(check)
        return checks

    def take_fault(self, appid: str) -> PushFault:
        """What goes wrong with this account's next verdict, counted down."""
        for fault in self.faults:
            if fault.appid in (None, appid):
                if fault.times is not None:
                    fault.times -= 1
                    if not fault.times:
                        self.faults.remove(fault)
                return fault
        return _NOTHING

    def forget(self) -> None:
        """A new log: what is under way still writes into the old one."""
        self.log = PushLog()
        self.waiting.clear()
        self.faults.clear()


_NOTHING = PushFault()
