"""Faults: what goes wrong with the next calls. They are counted, never random."""

from dataclasses import asdict, dataclass
from typing import Annotated, Literal, get_args

from ..errors import ERRMSG
from ..families import wechat_pattern
from ..fields import MAX, Fields, WrongField, flag, header, list_of, number, one_of, or_null, text, whole
from ..quirks import QUIRKS
from ..wire import UNDISTURBED, Delivery, path_matches

Drop = Literal["before", "after", "idle"]
MAX_SECONDS = 600
"""The longest delay of an answer."""


def _any_text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("must be a string")
    return value


@dataclass
class Fault:
    """Effects on the next `times` matching calls (None: all); `every` 3 is each third of them."""

    path: Annotated[str, wechat_pattern]
    times: Annotated[int | None, or_null(whole(1))] = 1
    every: Annotated[int, whole(1)] = 1
    appid: Annotated[str | None, or_null(text)] = None
    errcode: Annotated[int | None, or_null(whole(-MAX))] = None
    errmsg: Annotated[str | None, or_null(text)] = None
    status: Annotated[int | None, or_null(whole(200, 599))] = None
    body: Annotated[str | None, or_null(_any_text)] = None
    content_type: Annotated[str | None, or_null(header)] = None
    processed: Annotated[bool, flag] = False
    quirks: Annotated[tuple[str, ...], list_of(one_of(*QUIRKS))] = ()
    delay_seconds: Annotated[float, number(0, MAX_SECONDS)] = 0.0
    drip_seconds: Annotated[float, number(0, MAX_SECONDS)] = 0.0
    drip_headers: Annotated[bool, flag] = False
    truncate: Annotated[bool, flag] = False
    drop: Annotated[Drop | None, or_null(one_of(*get_args(Drop)))] = None
    seen: int = 0

    @classmethod
    def read(cls, fields: Fields) -> "Fault":
        """Read a control call's fields. Raises WrongField."""
        fault = fields.build(cls)
        replaces, code = fault.replaces_answer, fault.errcode
        has_effect = replaces or fault.quirks or fault.content_type or fault.delivery != UNDISTURBED
        for wrong, field, error in (
            (not has_effect, "errcode", "no effect: set errcode, status, body, delay_seconds, drop, ..."),
            (fault.delivery.drop and replaces, "drop", "a dropped call has no answer: omit errcode, status and body"),
            (code is None and fault.errmsg is not None, "errmsg", "errmsg needs an errcode"),
            (
                code is not None and code not in ERRMSG and fault.errmsg is None,
                "errmsg",
                f"the text of {code} is not known here: set errmsg",
            ),
            (code is not None and fault.body is not None, "body", "set errcode or body, not both"),
            (fault.processed and not replaces, "processed", "processed needs an errcode, status or body"),
            (fault.drip_headers and not fault.drip_seconds, "drip_headers", "drip_headers needs drip_seconds"),
        ):
            if wrong:
                raise WrongField(field, error)
        return fault

    @property
    def replaces_answer(self) -> bool:
        """Whether the call gets another answer than its result."""
        return self.errcode is not None or self.status is not None or self.body is not None

    @property
    def delivery(self) -> Delivery:
        return Delivery(
            self.delay_seconds,
            self.drip_seconds,
            self.drip_headers,
            self.truncate,
            drop=self.drop in ("before", "after"),
            drop_next=self.drop == "idle",
        )

    def as_json(self) -> dict[str, object]:
        """The fields that are set; `times` is what remains."""
        given = {name: value for name, value in asdict(self).items() if value != getattr(Fault, name, None)}
        given.pop("seen", None)
        return given | {"times": self.times}


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
        """Remove all faults, or those of one account."""
        self.queue = [fault for fault in self.queue if appid not in (None, fault.appid)]
