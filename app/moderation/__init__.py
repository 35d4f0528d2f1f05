"""Content checks: texts and images in, verdicts out."""

from .async_checks import AsyncChecks, Occasion
from .cache import VerdictCache
from .checks import Bounds, Checks
from .jobs import Job, Jobs, Progress
from .media_urls import check_media_url
from .policy import STRICTNESS
from .texts import COMMENT, MOST_CHARACTERS_BESIDE, SCENES, Text, cleaned
from .verdicts import Verdict

__all__ = [
    "COMMENT",
    "MOST_CHARACTERS_BESIDE",
    "SCENES",
    "STRICTNESS",
    "AsyncChecks",
    "Bounds",
    "Checks",
    "Job",
    "Jobs",
    "Occasion",
    "Progress",
    "Text",
    "Verdict",
    "VerdictCache",
    "check_media_url",
    "cleaned",
]
