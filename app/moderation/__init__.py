"""Content checks: texts and images in, verdicts out."""

from .checks import check_image, check_text
from .verdicts import Verdict

__all__ = ["Verdict", "check_image", "check_text"]
