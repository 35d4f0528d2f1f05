"""Content checks: texts and images in, verdicts out."""

from .async_checks import AsyncChecks, Occasion
from .cache import VerdictCache
from .checks import Bounds, Checks
from .images import Fitted, Limits
from .jobs import Job, Jobs, Progress
from .labels import LABEL_NAMES
from .media_links import PATH as MEDIA_PATH
from .media_links import MediaLinks
from .media_urls import check_media_url
from .policy import STRICTNESS
from .texts import COMMENT, MOST_CHARACTERS_BESIDE, SCENES, Text, cleaned
from .verdicts import Suggest, Verdict

__all__ = [
    "COMMENT",
    "LABEL_NAMES",
    "MEDIA_PATH",
    "MOST_CHARACTERS_BESIDE",
    "SCENES",
    "STRICTNESS",
    "AsyncChecks",
    "Bounds",
    "Checks",
    "Fitted",
    "Job",
    "Jobs",
    "Limits",
    "MediaLinks",
    "Occasion",
    "Progress",
    "Suggest",
    "Text",
    "Verdict",
    "VerdictCache",
    "check_media_url",
    "cleaned",
]
