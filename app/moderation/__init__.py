"""Content checks: texts and images in, verdicts out."""

from .async_checks import AsyncChecks, Occasion
from .cache import VerdictCache
from .checks import Bounds, Checks
from .errors import ImagesBusy, ImageTooLarge, ImageUnreadable, MediaUrlWrong, TextTooLong, UnknownJob, UnknownMedia
from .images import Fitted, Limits
from .jobs import Job, Jobs, Progress
from .media_links import PATH as MEDIA_PATH
from .media_links import MediaLinks, check_media_url
from .texts import COMMENT, MOST_CHARACTERS_BESIDE, Text, cleaned
from .verdicts import LABEL_NAMES, STRICTNESS, Suggest, Verdict
