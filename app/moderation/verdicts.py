"""What a content check found, in the words of WeChat's version 2 whatever API was asked."""

import logging
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal, Self

from ..accounts import OnUnavailable
from ..errors import (
    AccessTokenRefused,
    CentralServerError,
    ConfigurationRefused,
    CredentialUnavailable,
    DayLimitReached,
    MinuteLimitReached,
    StoreUnavailable,
    WeChatBusy,
    WeChatUnavailable,
)

Suggest = Literal["pass", "review", "risky"]

SEVERITY: tuple[Suggest, ...] = ("pass", "review", "risky")
"""from good to bad"""
STRICTNESS: tuple[OnUnavailable, ...] = ("pass", "review", "error")
"""from loose to strict"""
LABEL_NAMES = {
    100: "normal",
    10001: "ad",
    20001: "politics",
    20002: "porn",
    20003: "abuse",
    20006: "crime",
    20008: "fraud",
    20012: "vulgar",
    20013: "copyright",
    21000: "other",
}
"""WeChat's labels in words (WECHAT.md 3.2, 5)"""

_OPTIONAL = ("reason", "errcode", "trace_id", "detail", "frames", "frames_checked", "sent")
_UNAVAILABLE = (
    WeChatUnavailable,
    WeChatBusy,
    MinuteLimitReached,
    DayLimitReached,
    ConfigurationRefused,
    AccessTokenRefused,
    CredentialUnavailable,
    StoreUnavailable,
)
"""WeChat could not be asked, or not for long. What it refuses for another reason is always an error."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A result, not an error. `label` and `label_name` are None where the API gives no reason (version 1)."""

    suggest: Suggest
    label: int | None
    label_name: str | None
    api: str
    """such as `msg_sec_check/1`"""
    checked: bool = True
    """False: WeChat has not checked all of it, and a setting decided"""
    cached: bool = False
    reason: str | None = None
    """why something was not checked"""
    errcode: int | None = None
    """WeChat's, where it refused to check"""
    trace_id: str | None = None
    detail: list[dict[str, Any]] | None = None
    frames: int | None = None
    """of an animation"""
    frames_checked: int | None = None
    sent: list[dict[str, Any]] | None = None
    """of an image, the files that WeChat got: `bytes`, `width`, `height` (pixels) and `content_type` of each"""

    @classmethod
    def without_label(cls, suggest: Suggest, api: str) -> Self:
        """A verdict of version 1."""
        return cls(suggest, None, None, api)

    @classmethod
    def unchecked(cls, suggest: Suggest, api: str, reason: str, errcode: int | None = None) -> Self:
        """The answer of a setting instead of WeChat's, and why."""
        return cls(suggest, None, None, api, checked=False, reason=reason, errcode=errcode)

    @classmethod
    def with_label(
        cls,
        suggest: Suggest,
        label: int | None,
        api: str,
        *,
        trace_id: str | None = None,
        detail: list[dict[str, Any]] | None = None,
    ) -> Self:
        """A verdict of version 2; a label that is new at WeChat has no name here."""
        name = None if label is None else LABEL_NAMES.get(label)
        return cls(suggest, label, name, api, trace_id=trace_id, detail=detail)

    @property
    def is_risky(self) -> bool:
        """Whether no verdict on another part of the same content can be worse."""
        return self.suggest == "risky"

    def document(self) -> dict[str, Any]:
        """The JSON object of the answer, without optional fields that have no value."""
        return {name: value for name, value in asdict(self).items() if value is not None or name not in _OPTIONAL}


Outcome = Verdict | CentralServerError
"""of a call, or of a text among many"""


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """The verdict on a content from those on its parts, at least one: that of its worst part.

    A risky part decides alone. Otherwise the content counts as checked if every part was.
    """
    deciding = max(verdicts, key=lambda verdict: (SEVERITY.index(verdict.suggest), verdict.checked))
    deciding = replace(deciding, cached=all(verdict.cached for verdict in verdicts))
    unchecked = next((verdict for verdict in verdicts if not verdict.checked), None)
    if deciding.is_risky or unchecked is None:
        return deciding
    return replace(deciding, checked=False, reason=unchecked.reason, errcode=unchecked.errcode)


def decided(outcomes: Sequence[Outcome], api: str, on_unavailable: OnUnavailable) -> Verdict:
    """The verdict on a content from the outcomes of its parts.

    A risky part decides; otherwise a part that WeChat could not check is answered by `on_unavailable`, with a warning,
    or raises its error.
    """
    verdicts = [outcome for outcome in outcomes if isinstance(outcome, Verdict)]
    errors = [outcome for outcome in outcomes if isinstance(outcome, CentralServerError)]
    if errors and not any(verdict.is_risky for verdict in verdicts):
        error = next((error for error in errors if not isinstance(error, _UNAVAILABLE)), errors[0])
        if on_unavailable == "error" or not isinstance(error, _UNAVAILABLE):
            raise error
        verdicts.append(replaced(error, api, on_unavailable))
    return worst(verdicts)


def replaced(error: CentralServerError, api: str, suggest: Suggest) -> Verdict:
    """The verdict that a setting gives instead of WeChat's, logged as a warning."""
    _log.warning("content not checked by WeChat: answer=%s api=%s reason=%s", suggest, api, error)
    return Verdict.unchecked(suggest, api, str(error), getattr(error, "errcode", None))
