"""From the bytes that somebody uploaded to the parts that WeChat can check."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from math import floor

from PIL import Image

from . import counting, formats, frames, tiles
from .decoding import decoded, refusing
from .encoding import jpeg, upright
from .fitted import Fitted, Part
from .limits import LARGEST_BYTES, Limits
from .memory import give_back
from .picture import Picture
from .scaling import scaled
from .tiles import Tile

_SENT_AS: dict[str, tuple[str, str]] = {
    "PNG": ("image/png", "image.png"),
    "JPEG": ("image/jpeg", "image.jpg"),
    "GIF": ("image/gif", "image.gif"),
}


def fit(upload: bytes, limits: Limits | None = None) -> Fitted:
    """Read, count, decode, cut, scale and encode.

    Raises ImageUnreadable where the bytes are no whole picture of the five formats, ImageTooLarge where decoding it
    would take too much; the second is known before anything is decoded. Decode one picture at a time: see `Turns`.
    """
    limits = limits or Limits()
    picture = formats.read(upload)
    shrink = _shrink(picture)
    counting.check(picture, shrink if picture.format == "JPEG" else 1, limits)
    wanted = min(limits.frames_checked, limits.parts // tiles.count(picture.width, picture.height))
    too_long = wanted < min(2, picture.frames)
    looked_at = frames.chosen(picture.seconds, max(2, wanted))
    try:
        with refusing(picture), closing(decoded(picture, looked_at, shrink)) as images:
            parts = _nothing(images) if too_long else tuple(_parts(picture, images))
    finally:
        give_back()
    width, height = picture.upright_size
    return Fitted(parts, picture.frames, 0 if too_long else len(looked_at), width, height, picture.format, too_long)


def _nothing(images: Iterator[Image.Image]) -> tuple[Part, ...]:
    """Decoded all the same: a damaged file is refused whatever its shape."""
    for _ in images:
        pass
    return ()


def _parts(picture: Picture, images: Iterator[Image.Image]) -> Iterator[Part]:
    cut = tiles.cut(picture.width, picture.height)
    for image in images:
        if _goes_as_it_is(picture, cut):
            yield Part(picture.content, *_SENT_AS[picture.format], *image.size)
        else:
            for tile in cut:
                yield _part(picture, image, tile)


def _goes_as_it_is(picture: Picture, cut: Sequence[Tile]) -> bool:
    fits = len(cut) == 1 and tiles.fitted(cut[0].size) == cut[0].size
    single = picture.frames == 1 and picture.orientation == 1
    return picture.sendable and single and fits and len(picture.content) <= LARGEST_BYTES


def _part(picture: Picture, image: Image.Image, tile: Tile) -> Part:
    across, down = image.width / picture.width, image.height / picture.height  # it may be scaled down already
    box = (tile.left * across, tile.top * down, tile.right * across, tile.bottom * down)
    size = tiles.fitted(tile.size, picture.is_turned)
    # Programs disagree on whether a BMP has an alpha channel, and it is often empty: shown as it is, nothing can hide.
    with scaled(image, box, size, alpha=picture.format != "BMP") as small:
        shown = upright(small, picture.orientation)
        return Part(jpeg(shown), *_SENT_AS["JPEG"], *shown.size)


def _shrink(picture: Picture) -> int:
    """How far the decoder is to scale down on the way: 2, 4 or 8 times for a JPEG, any number for a WEBP.

    A JPEG's is coarse, so it leaves twice the pixels that are needed, each way.
    """
    if not picture.shrinks:
        return 1
    tile = tiles.cut(picture.width, picture.height)[0]
    needed = tiles.fitted(tile.size, picture.is_turned)
    spare = min(tile.size[0] / needed[0], tile.size[1] / needed[1])
    if picture.format == "WEBP":
        return max(1, floor(spare))
    return max((scale for scale in (2, 4, 8) if scale <= spare / 2), default=1)
