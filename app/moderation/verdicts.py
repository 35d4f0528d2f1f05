"""What a content check found, in the words of WeChat's version 2 whatever API was asked."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from .labels import LABEL_NAMES

Suggest = Literal["pass", "review", "risky"]

SEVERITY: tuple[Suggest, ...] = ("pass", "review", "risky")
"""from good to bad"""
_OPTIONAL = ("trace_id", "detail", "frames", "frames_checked", "sent")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A result, not an error. `label` and `label_name` are None where the API gives no reason (version 1)."""

    suggest: Suggest
    label: int | None
    label_name: str | None
    api: str
    """such as `msg_sec_check/1`"""
    checked: bool = True
    """False: WeChat has not seen all of it, and a setting decided"""
    cached: bool = False
    trace_id: str | None = None
    detail: list[dict[str, Any]] | None = None
    frames: int | None = None
    """of an animation"""
    frames_checked: int | None = None
    sent: list[dict[str, Any]] | None = None
    """of an image, the files that WeChat got: `bytes`, `width`, `height` (pixels) and `content_type` of each"""

    @classmethod
    def without_label(cls, suggest: Suggest, api: str) -> Self:
        """What version 1 of an API can say."""
        return cls(suggest, None, None, api)

    @classmethod
    def unchecked(cls, suggest: Suggest, api: str) -> Self:
        """What a setting says where WeChat did not."""
        return cls(suggest, None, None, api, checked=False)

    @classmethod
    def with_label(cls, suggest: Suggest, label: int | None, api: str) -> Self:
        """What version 2 of an API says; a label that is new at WeChat has no name here."""
        return cls(suggest, label, None if label is None else LABEL_NAMES.get(label), api)

    @property
    def is_risky(self) -> bool:
        """Whether nothing that other parts of the same content hold can make it worse."""
        return self.suggest == "risky"

    def document(self) -> dict[str, Any]:
        """As it is answered: what some verdicts do not have is left out of these."""
        document = asdict(self)
        for optional in _OPTIONAL:
            if document[optional] is None:
                del document[optional]
        return document


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a content from those on its parts, at least one: that of its worst part.

    A risky part decides alone. Otherwise the content counts as checked if every part was.
    """
    deciding = max(verdicts, key=lambda verdict: (SEVERITY.index(verdict.suggest), verdict.checked))
    cached = all(verdict.cached for verdict in verdicts)
    if deciding.is_risky:
        return replace(deciding, cached=cached)
    return replace(deciding, cached=cached, checked=all(verdict.checked for verdict in verdicts))
