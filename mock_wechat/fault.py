"""One thing that goes wrong on request: data that is checked when it is set."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from typing import Literal

from .errors import ERRMSG
from .fields import Fields, WrongField, flag, list_of, number, one_of, or_null, text, whole
from .quirks import QUIRKS
from .wire import UNDISTURBED, Delivery, path_matches

Drop = Literal["before", "after", "idle"]

LONGEST = 600
"""Seconds that an answer may be held back."""
DROPS: tuple[Drop, ...] = ("before", "after", "idle")


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
            processed=fields.may("processed", flag, False),
            quirks=fields.may("quirks", list_of(one_of(*QUIRKS)), ()),
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
        """Is the call answered with something else than its result?"""
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
        """What was set, defaults left out; `times` is what remains."""
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
        raise TypeError("must be a text")
    return value


def _header(value: object) -> str:
    header = text(value)
    if not header.isascii() or not header.isprintable():
        raise ValueError("must be plain ASCII, on one line")
    return header
