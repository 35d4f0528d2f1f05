"""What goes wrong on request: data that is checked when it is set, counted, never random."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Literal

from .errors import ERRMSG
from .fields import Fields, WrongField, flag, number, one_of, or_null, text, whole
from .wire import UNDISTURBED, Delivery, path_matches

Drop = Literal["before", "after"]

LONGEST = 600
"""Seconds that an answer may be held back."""
DROPS: tuple[Drop, ...] = ("before", "after")


@dataclass
class Fault:
    """The next `times` calls that match go wrong like this; None is all, `every` 3 is each third of them."""

    path: str
    times: int | None = 1
    every: int = 1
    appid: str | None = None
    errcode: int | None = None
    errmsg: str | None = None
    status: int | None = None
    body: str | None = None
    content_type: str | None = None
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    drip_headers: bool = False
    truncate: bool = False
    drop: Drop | None = None
    seen: int = 0

    @classmethod
    def read(cls, fields: Fields, known_paths: Collection[str]) -> "Fault":
        """Check a control call's fields. Raises WrongField."""
        fault = cls(
            path=fields.need("path", text),
            times=fields.may("times", or_null(whole(1, 10**9)), 1),
            every=fields.may("every", whole(1, 10**9), 1),
            appid=fields.may("appid", or_null(text), None),
            errcode=fields.may("errcode", or_null(whole(-(10**9), 10**9)), None),
            errmsg=fields.may("errmsg", or_null(text), None),
            status=fields.may("status", or_null(whole(200, 599)), None),
            body=fields.may("body", or_null(_any_text), None),
            content_type=fields.may("content_type", or_null(_header), None),
            delay_seconds=fields.may("delay_seconds", number(0, LONGEST), 0.0),
            drip_seconds=fields.may("drip_seconds", number(0, LONGEST), 0.0),
            drip_headers=fields.may("drip_headers", flag, False),
            truncate=fields.may("truncate", flag, False),
            drop=fields.may("drop", or_null(one_of(*DROPS)), None),
        )
        fields.done()
        fault._check_path(known_paths)
        fault._check_sense()
        return fault

    @property
    def replaces_answer(self) -> bool:
        """Is the call answered without being processed?"""
        return self.errcode is not None or self.status is not None or self.body is not None

    @property
    def delivery(self) -> Delivery:
        return Delivery(
            self.delay_seconds, self.drip_seconds, self.drip_headers, self.truncate, drop=self.drop is not None
        )

    def as_json(self) -> dict[str, object]:
        """What was set, defaults left out; `times` is what remains."""
        given = {name: value for name, value in asdict(self).items() if value != getattr(Fault, name, None)}
        given.pop("seen", None)
        return given | {"times": self.times}

    def _check_path(self, known_paths: Collection[str]) -> None:
        if not any(path_matches(path, self.path) for path in known_paths):
            known = ", ".join(sorted(known_paths))
            raise WrongField("path", f"path {self.path!r} matches none of {known}; a prefix ends in *")

    def _check_sense(self) -> None:
        if not (self.replaces_answer or self.delivery != UNDISTURBED):
            raise WrongField("errcode", "nothing goes wrong: set errcode, status, body, delay_seconds, drop, ...")
        if self.drop and self.replaces_answer:
            raise WrongField("drop", "a dropped call has no answer: leave out errcode, status and body")
        if self.errcode is None and self.errmsg is not None:
            raise WrongField("errmsg", "errmsg needs an errcode")
        if self.errcode is not None and self.errcode not in ERRMSG and self.errmsg is None:
            raise WrongField("errmsg", f"the text of {self.errcode} is not known here: set errmsg")
        if self.errcode is not None and self.body is not None:
            raise WrongField("body", "set errcode or body, not both")
        if self.drip_headers and not self.drip_seconds:
            raise WrongField("drip_headers", "drip_headers needs drip_seconds")


class Faults:
    """The queue: a call goes to the first fault that matches it, in the order they were set."""

    def __init__(self) -> None:
        self._queue: list[Fault] = []

    def add(self, fault: Fault) -> None:
        self._queue.append(fault)

    def take(self, path: str, appid: str | None) -> Fault | None:
        """The fault that this call meets, counted down; None if the call is spared."""
        for fault in self._queue:
            if path_matches(path, fault.path) and fault.appid in (None, appid) and _is_due(fault):
                self._count_down(fault)
                return fault
        return None

    def pending(self) -> list[Fault]:
        return list(self._queue)

    def forget(self) -> None:
        self._queue.clear()

    def _count_down(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if not fault.times:
            self._queue.remove(fault)


def _is_due(fault: Fault) -> bool:
    fault.seen += 1
    return fault.seen % fault.every == 0


def _any_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("must be a text")
    return value


def _header(value: object) -> str:
    header = text(value)
    if not header.isascii() or not header.isprintable():
        raise ValueError("must be plain ASCII, on one line")
    return header
