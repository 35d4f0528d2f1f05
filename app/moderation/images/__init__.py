"""Images: from an uploaded file to the JPEG parts that WeChat can check. Nothing is sent here."""

from .decoding import Limits
from .fitting import Fitted, Part, fit
