"""Content checks: texts and images in, verdicts out."""

from .bulkhead import Bulkhead
from .cache import VerdictCache
from .checks import Bounds, Checks
from .helpers import Helpers
from .policy import STRICTNESS
from .texts import MOST_CHARACTERS_BESIDE, SCENES, Text, cleaned
from .verdicts import Verdict

__all__ = [
    "MOST_CHARACTERS_BESIDE",
    "SCENES",
    "STRICTNESS",
    "Bounds",
    "Bulkhead",
    "Checks",
    "Helpers",
    "Text",
    "Verdict",
    "VerdictCache",
    "cleaned",
]
