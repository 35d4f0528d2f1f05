"""The result of one check."""

from dataclasses import dataclass
from enum import Enum

from ...wechat import Hint


class Verdict(Enum):
    """How a check ended."""

    OK = "ok"
    FAILED = "failed"
    """an operator has to do something"""
    NOTE = "note"
    """works, but something may be missing; no failure"""
    SKIPPED = "skipped"
    """not applicable, or another check has to succeed first"""


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: of what (`server`, WeChat's host, an account's name), how it ended, and what to do about it."""

    subject: str
    check: str
    verdict: Verdict
    found: str
    """in English; holds no secret, token or ticket"""
    advice: Hint | None = None
