"""Content checks: texts and images in, verdicts out."""

from .async_checks import AsyncChecks, Occasion
from .checks import check_image, check_text
from .jobs import Job, Jobs, Progress
from .media_urls import check_media_url
from .verdicts import Verdict

__all__ = [
    "AsyncChecks",
    "Job",
    "Jobs",
    "Occasion",
    "Progress",
    "Verdict",
    "check_image",
    "check_media_url",
    "check_text",
]
