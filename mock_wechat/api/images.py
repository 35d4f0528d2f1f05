"""/wxa/img_sec_check (WECHAT.md 4)."""

import io
from typing import Literal

from PIL import Image

from ..errors import WeChatError
from ..wire import Response
from .exchange import Endpoint, Exchange
from .multipart import first_file

Verdict = Literal["pass", "review", "risky"]

LARGEST_BYTES = 1024 * 1024
LARGEST_PIXELS = (750, 1334)
FORMATS = ("PNG", "JPEG", "GIF")

STREAMED = Response(b"<html><head><title>412 Precondition Failed</title></head></html>", "text/html", 412)
"""The gateway refuses a body without Content-Length before anybody looks at it (WECHAT.md 0.13)."""


def img_sec_check(exchange: Exchange) -> dict[str, object] | Response:
    """Knows risky alone: what calls for a review passes here, and only media_check_async 2 tells."""
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


def judge(file: bytes) -> Verdict:
    """What moderation makes of an image file, BMP included. Raises ValueError if it is none."""
    try:
        return verdict(Image.open(io.BytesIO(file), formats=(*FORMATS, "BMP")))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise ValueError("this is no image") from None


def verdict(image: Image.Image) -> Verdict:
    """Risky is an image that is essentially pure red, one that is pure yellow calls for a review.

    Nearly all of it, seen from afar, so that rescaling and re-encoding do not matter.
    """
    small = image.convert("RGB").resize((16, 16), Image.Resampling.BOX)
    pixels = small.tobytes()
    colours = list(zip(pixels[0::3], pixels[1::3], pixels[2::3], strict=True))
    red = sum(r > 200 and g < 60 and b < 60 for r, g, b in colours)
    yellow = sum(r > 200 and g > 200 and b < 60 for r, g, b in colours)
    enough = 0.95 * len(colours)
    return "risky" if red >= enough else "review" if yellow >= enough else "pass"


def _upload(exchange: Exchange) -> Image.Image | None:
    """The image in the request; None for an opaque body, which WeChat accepts without seeing a picture in it."""
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


def _decoded(file: bytes) -> Image.Image:
    if len(file) > LARGEST_BYTES:
        raise WeChatError(40006)
    try:
        image = Image.open(io.BytesIO(file), formats=FORMATS)
        width, height = image.size
        if width > LARGEST_PIXELS[0] or height > LARGEST_PIXELS[1]:
            raise WeChatError(40006)
        image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise WeChatError(40006) from None
    except (OSError, ValueError, SyntaxError):
        raise WeChatError(40004) from None
    return image


ENDPOINTS = (Endpoint("/wxa/img_sec_check", "POST", img_sec_check),)
