"""Images: from an uploaded file to the JPEG parts that WeChat can check. Nothing is sent here."""

from .fitting import Fitted, Part, fit
from .limits import Limits

__all__ = ["Fitted", "Limits", "Part", "fit"]
