"""/wxa/img_sec_check (WECHAT.md 4)."""

import io
from typing import TYPE_CHECKING, Any

from ..errors import WeChatError
from ..extras import MissingExtra
from ..state.words import Suggest
from ..wire import Response
from .asked import OK
from .exchange import Endpoint, Exchange
from .forms import STREAMED, file_of, is_streamed, read_form

if TYPE_CHECKING:
    from PIL.Image import Image


def pillow() -> Any:
    """Pillow's module `Image`. Raises MissingExtra."""
    try:
        from PIL import Image  # noqa: PLC0415 -- tokens and texts do without
    except ImportError as missing:
        raise MissingExtra("judging images", "images", missing) from None
    return Image


MAX_BYTES = 1024 * 1024
MAX_PIXELS = (750, 1334)
FORMATS = ("PNG", "JPEG", "GIF")


def img_sec_check(exchange: Exchange) -> dict[str, object] | Response:
    """Refuses risky images only. An image to review passes: only media_check_async 2 reports it."""
    if is_streamed(exchange):
        return STREAMED
    exchange.counted_caller("mini")
    upload = _upload(exchange)
    if upload is None:
        exchange.notes.append("unchecked")
    elif verdict(upload) == "risky":
        raise WeChatError(87014)
    return OK


def judge(file: bytes) -> Suggest:
    """The verdict on an image file, BMP included. Raises ValueError if it is not an image."""
    opener = pillow()
    try:
        return verdict(opener.open(io.BytesIO(file), formats=(*FORMATS, "BMP")))
    except (OSError, ValueError, SyntaxError, opener.DecompressionBombError, opener.DecompressionBombWarning):
        raise ValueError("not an image") from None


def verdict(image: "Image") -> Suggest:
    """An almost purely red image is risky, an almost purely yellow one is to review.

    The image is scaled down first, so that rescaling and re-encoding do not matter.
    """
    pixels = image.convert("RGB").resize((16, 16), pillow().Resampling.BOX).tobytes()
    colours = list(zip(pixels[0::3], pixels[1::3], pixels[2::3], strict=True))
    red = sum(r > 200 and g < 60 and b < 60 for r, g, b in colours)
    yellow = sum(r > 200 and g > 200 and b < 60 for r, g, b in colours)
    enough = 0.95 * len(colours)
    return "risky" if red >= enough else "review" if yellow >= enough else "pass"


def _upload(exchange: Exchange) -> "Image | None":
    """The image in the request; None for an opaque body, which WeChat accepts unchecked."""
    request = exchange.request
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json" or request.json is not None:
        raise WeChatError(47001)
    if kind == "multipart/form-data":
        return _decoded(file_of(read_form(exchange)).content)
    if kind in ("", "application/x-www-form-urlencoded") or not request.body:
        raise WeChatError(41005)
    return None


def _decoded(file: bytes) -> "Image":
    if len(file) > MAX_BYTES:
        raise WeChatError(40006)
    opener = pillow()
    try:
        image: Image = opener.open(io.BytesIO(file), formats=FORMATS)
        width, height = image.size
        if width > MAX_PIXELS[0] or height > MAX_PIXELS[1]:
            raise WeChatError(40006)
        image.load()
    except (opener.DecompressionBombError, opener.DecompressionBombWarning):
        raise WeChatError(40006) from None
    except (OSError, ValueError, SyntaxError):
        raise WeChatError(40004) from None
    return image


ENDPOINTS = (Endpoint("/wxa/img_sec_check", "POST", img_sec_check),)
