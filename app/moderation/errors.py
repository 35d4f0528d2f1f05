"""The errors of content checks, beside those of `app.errors`."""

from ..errors import CentralServerError


class ImageUnreadable(CentralServerError):
    """The bytes are not a whole image of a supported format; the text says why and what to send."""


class ImageTooLarge(CentralServerError):
    """The image has more pixels or frames than are decoded; the text says how many it has and may have."""


class ImagesBusy(CentralServerError):
    """Images are decoded one at a time, and the wait would be too long."""

    retry_after = 2.0

    def __init__(self) -> None:
        super().__init__("Other images are being decoded, one at a time. Try again in a moment.")


class UnknownJob(CentralServerError):
    """There is no media check with this trace_id."""

    def __init__(self, trace_id: str) -> None:
        super().__init__(f"There is no media check {trace_id!r:.80} of the last day.")


class UnknownMedia(CentralServerError):
    """The link is wrong or has expired."""

    def __init__(self) -> None:
        super().__init__("The link is not one of this server's, or it has expired.")


class MediaUrlWrong(CentralServerError):
    """WeChat cannot or must not download from this URL; the text says why."""


class TextTooLong(CentralServerError):
    """The text has more characters than are checked at once; the text of this error says how many may be."""
