"""A tile of a decoded picture as RGB pixels of a given size.

It is made strip by strip: the colours are converted and the alpha is laid on white for a few hundred rows at a time,
since a second copy of a whole picture of 25 megapixels would cost another 100 MB.
"""

from collections.abc import Iterator
from math import ceil, floor

from PIL import Image

from .colours import on_white

_STRIP_PIXELS = 250_000
_FILTER = Image.Resampling.HAMMING
"""as sharp as bicubic when scaling down, no ringing at edges, and it reaches one target pixel far"""

Box = tuple[float, float, float, float]


def scaled(image: Image.Image, box: Box, size: tuple[int, int], *, alpha: bool = True) -> Image.Image:
    """`box` (left, top, right, bottom) of the image, scaled down to `size`. Without `alpha` all of it is opaque."""
    scale = (box[3] - box[1]) / size[1]
    rows = max(1, floor(_STRIP_PIXELS / (box[2] - box[0]) / scale))
    result = Image.new("RGB", size)
    for row in range(0, size[1], rows):
        end = min(row + rows, size[1])
        part = (box[0], box[1] + row * scale, box[2], min(box[1] + end * scale, box[3]))
        result.paste(_strip(image, part, (size[0], end - row), scale, alpha), (0, row))
    return result


def _strip(image: Image.Image, box: Box, size: tuple[int, int], scale: float, alpha: bool) -> Image.Image:
    reach = max(1.0, scale)
    left, right = max(0, floor(box[0])), min(image.width, ceil(box[2]))
    top, bottom = max(0, floor(box[1] - reach)), min(image.height, ceil(box[3] + reach))
    with image.crop((left, top, right, bottom)) as crop, _rgb(crop, alpha) as colours:
        return colours.resize(size, _FILTER, (box[0] - left, box[1] - top, box[2] - left, box[3] - top))


def strips(size: tuple[int, int]) -> Iterator[tuple[int, int, int, int]]:
    """The boxes of all strips of an image, from the top down."""
    width, height = size
    rows = max(1, _STRIP_PIXELS // width)
    for top in range(0, height, rows):
        yield 0, top, width, min(top + rows, height)


def _rgb(image: Image.Image, alpha: bool) -> Image.Image:
    return on_white(image) if alpha else image.convert("RGB")
