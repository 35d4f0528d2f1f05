"""QR codes as JPEG files, by segno and Pillow, which are imported only here."""

import io
from functools import lru_cache

from .extras import MissingExtra

QUIET_ZONE = 4
"""Modules of white around a code."""
MAX_TEXT = 2900
"""Bytes that the largest code holds at the lowest error correction; the rest is cut off."""


@lru_cache(maxsize=256)
def jpeg(text: str, width: int) -> bytes:
    """A black and white QR code of `width` pixels, at least 185. Raises MissingExtra."""
    try:
        import segno  # noqa: PLC0415 -- most tests need no image
        from PIL import Image  # noqa: PLC0415 -- as above
    except ImportError as missing:
        raise MissingExtra("drawing QR codes", "images", missing) from None
    content = text.encode("utf-8", "replace")[:MAX_TEXT]
    modules = segno.make_qr(content, error="l", mask=2).matrix  # a fixed mask takes a third of the time
    size = len(modules)
    code = Image.frombytes("L", (size, size), bytes(0 if dark else 255 for row in modules for dark in row))
    scale = width // (size + 2 * QUIET_ZONE)
    code = code.resize((size * scale, size * scale), Image.Resampling.NEAREST)
    image = Image.new("L", (width, width), 255)
    image.paste(code, ((width - code.width) // 2,) * 2)
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90)
    return file.getvalue()
