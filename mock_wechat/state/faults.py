"""Faults: what goes wrong with the next calls. They are counted, never random."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from ..errors import ERRMSG
from ..fields import Fields, WrongField, flag, list_of, number, one_of, or_null, text, whole
from ..quirks import QUIRKS
from ..wire import UNDISTURBED, Delivery, path_matches

Drop = Literal["before", "after", "idle"]

MAX_SECONDS = 600
"""The longest delay of an answer."""
DROPS: tuple[Drop, ...] = ("before", "after", "idle")


@dataclass
class Fault:
    """What goes wrong with the next `times` matching calls (None: all); `every` 3 is each third of them."""

    path: str
    times: int | None = 1
    every: int = 1
    appid: str | None = None
    errcode: int | None = None
    errmsg: str | None = None
    status: int | None = None
    body: str | None = None
    content_type: str | None = None
    processed: bool = False
    quirks: tuple[str, ...] = ()
    delay_seconds: float = 0.0
    drip_seconds: float = 0.0
    drip_headers: bool = False
    truncate: bool = False
    drop: Drop | None = None
    seen: int = 0

    @classmethod
    def read(cls, fields: Fields, known_paths: Collection[str]) -> "Fault":
        """MediaCheck a control call's fields. Raises WrongField."""
        fault = cls(fields.need("path", text), **fields.read(_FIELDS, cls))
        fields.done()
        fault._check_path(known_paths)
        fault._check_sense()
        return fault

    @property
    def replaces_answer(self) -> bool:
        """Does the call get another answer than its result?"""
        return self.errcode is not None or self.status is not None or self.body is not None

    @property
    def delivery(self) -> Delivery:
        return Delivery(
            self.delay_seconds,
            self.drip_seconds,
            self.drip_headers,
            self.truncate,
            drop=self.drop in ("before", "after"),
            deaf_afterwards=self.drop == "idle",
        )

    def as_json(self) -> dict[str, object]:
        """The fields that were set; `times` is what remains."""
        given = {name: value for name, value in asdict(self).items() if value != getattr(Fault, name, None)}
        given.pop("seen", None)
        return given | {"times": self.times}

    def _check_path(self, known_paths: Collection[str]) -> None:
        if not any(path_matches(path, self.path) for path in known_paths):
            known = ", ".join(sorted(known_paths))
            raise WrongField("path", f"path {self.path!r} matches none of {known}; a prefix ends in *")

    def _check_sense(self) -> None:
        if not (self.replaces_answer or self.quirks or self.content_type or self.delivery != UNDISTURBED):
            raise WrongField("errcode", "nothing goes wrong: set errcode, status, body, delay_seconds, drop, ...")
        if self.delivery.drop and self.replaces_answer:
            raise WrongField("drop", "a dropped call has no answer: leave out errcode, status and body")
        if self.errcode is None and self.errmsg is not None:
            raise WrongField("errmsg", "errmsg needs an errcode")
        if self.errcode is not None and self.errcode not in ERRMSG and self.errmsg is None:
            raise WrongField("errmsg", f"the text of {self.errcode} is not known here: set errmsg")
        if self.errcode is not None and self.body is not None:
            raise WrongField("body", "set errcode or body, not both")
        if self.processed and not self.replaces_answer:
            raise WrongField("processed", "processed needs an errcode, status or body that replaces the result")
        if self.drip_headers and not self.drip_seconds:
            raise WrongField("drip_headers", "drip_headers needs drip_seconds")


def _any_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("must be a string")
    return value


def _header(value: object) -> str:
    header = text(value)
    if not header.isascii() or not header.isprintable():
        raise ValueError("must be plain ASCII, on one line")
    return header


_FIELDS: Mapping[str, Callable[[object], Any]] = {
    "times": or_null(whole(1, 10**9)),
    "every": whole(1, 10**9),
    "appid": or_null(text),
    "errcode": or_null(whole(-(10**9), 10**9)),
    "errmsg": or_null(text),
    "status": or_null(whole(200, 599)),
    "body": or_null(_any_text),
    "content_type": or_null(_header),
    "processed": flag,
    "quirks": list_of(one_of(*QUIRKS)),
    "delay_seconds": number(0, MAX_SECONDS),
    "drip_seconds": number(0, MAX_SECONDS),
    "drip_headers": flag,
    "truncate": flag,
    "drop": or_null(one_of(*DROPS)),
}


class Faults:
    """The queue: a call gets the first fault that matches it, in the order in which they were set."""

    def __init__(self) -> None:
        self.queue: list[Fault] = []

    def take(self, path: str, appid: str | None) -> Fault | None:
        """The fault for this call, counted down; None without one."""
        for fault in self.queue:
            if not path_matches(path, fault.path) or fault.appid not in (None, appid):
                continue
            fault.seen += 1
            if fault.seen % fault.every:
                continue
            if fault.times is not None:
                fault.times -= 1
                if not fault.times:
                    self.queue.remove(fault)
            return fault
        return None

    def forget(self, appid: str | None = None) -> None:
        """Remove all faults, or those that were set for one account."""
        self.queue = [fault for fault in self.queue if appid not in (None, fault.appid)]
