"""/wxa/img_sec_check (WECHAT.md 4)."""

import io
import re
from typing import TYPE_CHECKING, Any

from ..errors import WeChatError
from ..extras import MissingExtra
from ..state.words import Suggest
from ..wire import Response
from .exchange import Endpoint, Exchange

if TYPE_CHECKING:
    from PIL.Image import Image

_BOUNDARY = re.compile(r';\s*boundary=([^;\s"]+)', re.IGNORECASE)
_FILENAME = re.compile(rb'^content-disposition:.*;\s*filename=(?:"[^"\r\n]+"|[^";\s]+)', re.IGNORECASE | re.MULTILINE)


def pillow() -> Any:
    """Pillow's module `Image`. Raises MissingExtra."""
    try:
        from PIL import Image  # noqa: PLC0415 -- tokens and texts do without
    except ImportError as missing:
        raise MissingExtra("judging images", "images", missing) from None
    return Image


def first_file(content_type: str, body: bytes) -> bytes | None:
    """The content of the first complete part with a file name, or None (WECHAT.md 4: 41005)."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return None
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary[1].encode("latin-1"))
    for piece in pieces[1:-1]:  # the first is a preamble, the last follows the end mark
        head, blank, content = piece.partition(b"\r\n\r\n")
        if blank and _FILENAME.search(head.strip(b"\r\n")):
            return content
    return None


MAX_BYTES = 1024 * 1024
MAX_PIXELS = (750, 1334)
FORMATS = ("PNG", "JPEG", "GIF")

STREAMED = Response(b"<html><head><title>412 Precondition Failed</title></head></html>", "text/html", 412)
"""The gateway refuses a body without Content-Length (WECHAT.md 0.13)."""


def img_sec_check(exchange: Exchange) -> dict[str, object] | Response:
    """Knows risky alone: an image to review passes here; only media_check_async 2 tells."""
    if "chunked" in exchange.request.headers.get("transfer-encoding", "").lower():
        return STREAMED
    account = exchange.caller_by_token("mini")
    exchange.spend(account)
    upload = _upload(exchange)
    if upload is None:
        exchange.notes.append("unchecked")
    elif verdict(upload) == "risky":
        raise WeChatError(87014)
    return {"errcode": 0, "errmsg": "ok"}


def judge(file: bytes) -> Suggest:
    """The verdict on an image file, BMP included. Raises ValueError if it is not an image."""
    opener = pillow()
    try:
        return verdict(opener.open(io.BytesIO(file), formats=(*FORMATS, "BMP")))
    except (OSError, ValueError, SyntaxError, opener.DecompressionBombError, opener.DecompressionBombWarning):
        raise ValueError("not an image") from None


def verdict(image: "Image") -> Suggest:
    """Risky is an image that is essentially pure red; essentially pure yellow is to review.

    It is scaled down first, so that rescaling and re-encoding do not matter.
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
    content_type = request.headers.get("content-type", "")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == "application/json" or request.json is not None:
        raise WeChatError(47001)
    if kind == "multipart/form-data":
        if file := first_file(content_type, request.body):
            return _decoded(file)
        raise WeChatError(41005)
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
