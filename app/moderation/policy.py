"""What is answered where WeChat gave no verdict: an account's settings decide, and never a silent pass."""

import logging
from collections.abc import Sequence

from ..accounts import OnUnavailable
from ..errors import (
    AccessTokenRefused,
    CentralRefused,
    CentralServerError,
    ConfigurationRefused,
    CredentialUnavailable,
    DayLimitReached,
    MinuteLimitReached,
    OpenidRefused,
    StoreUnavailable,
    WeChatBusy,
    WeChatUnavailable,
)
from .verdicts import Verdict, worst

Outcome = Verdict | CentralServerError
"""of a call, or of a text among many"""

STRICTNESS: tuple[OnUnavailable, ...] = ("pass", "review", "error")
"""from loose to strict"""

UNAVAILABLE = (
    WeChatUnavailable,
    WeChatBusy,
    MinuteLimitReached,
    DayLimitReached,
    ConfigurationRefused,
    AccessTokenRefused,
    CredentialUnavailable,
    CentralRefused,
    StoreUnavailable,
)
"""WeChat could not be asked, or not for long. What it refuses for another reason is nobody's verdict, but an error."""

_log = logging.getLogger(__name__)


def decided(outcomes: Sequence[Outcome], api: str, on_unavailable: OnUnavailable) -> Verdict:
    """The verdict on a content from what came of its parts.

    A risky part decides; else a part that could not be checked is what `on_unavailable` says, or raises its error.
    """
    verdicts = [outcome for outcome in outcomes if isinstance(outcome, Verdict)]
    errors = [outcome for outcome in outcomes if isinstance(outcome, CentralServerError)]
    if errors and not any(verdict.is_risky for verdict in verdicts):
        verdicts.append(_instead(errors, api, on_unavailable))
    return worst(verdicts)


def _instead(errors: Sequence[CentralServerError], api: str, on_unavailable: OnUnavailable) -> Verdict:
    error = next((error for error in errors if not isinstance(error, UNAVAILABLE)), errors[0])
    if on_unavailable == "error" or not isinstance(error, UNAVAILABLE):
        raise error
    _log.warning("%s gave no verdict, the answer is %s: %s", api, on_unavailable, error)
    return Verdict.unchecked(on_unavailable, api)


def refused_openid(outcomes: Sequence[Outcome]) -> OpenidRefused | None:
    """WeChat's refusal of the user whom the parts name, if it came to that."""
    return next((outcome for outcome in outcomes if isinstance(outcome, OpenidRefused)), None)
