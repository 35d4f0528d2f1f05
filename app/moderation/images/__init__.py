"""Pictures: from the bytes that somebody uploaded to the parts that WeChat can check. Nothing is sent here."""

from .fitted import Fitted, Part
from .fitting import fit
from .limits import Limits
from .turns import Turns

__all__ = ["Fitted", "Limits", "Part", "Turns", "fit"]
