"""From an uploaded image to the JPEG parts that WeChat can check."""

import io
import time
import warnings
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from threading import Lock

from PIL import ExifTags, Image, ImageOps

from ..errors import ImagesBusy, ImageTooLarge
from .decoding import Limits, Source

LARGEST_BYTES = 1_000_000
"""of a part; WeChat says 1 MB and leaves open which (WECHAT.md 4)"""
LARGEST_WIDTH, LARGEST_HEIGHT = 750, 1334
"""pixels of a part (WECHAT.md 4)"""

_SHORTEST_TILE = 256
_QUALITIES = (88, 75, 50, 25)
"""the last makes half a megabyte of pure noise"""
_decoding = Lock()
"""one image at a time in each process: several would add up in memory"""


@dataclass(frozen=True, slots=True)
class Part:
    """A file that WeChat takes. Nothing of the upload's name or metadata is in it."""

    content: bytes = field(repr=False)
    width: int
    height: int
    content_type: str = "image/jpeg"
    filename: str = "image.jpg"


@dataclass(frozen=True, slots=True)
class Fitted:
    """The files for WeChat of one image: the worst verdict on a part is the verdict on the image."""

    parts: tuple[Part, ...]
    frames: int
    """of the image; 1 for a still"""
    frames_checked: int
    """that the parts show"""

    @property
    def too_long(self) -> bool:
        """Whether checking all of it takes more calls than are made, so that there are no parts."""
        return not self.parts


def fit(upload: bytes, limits: Limits | None = None, clock: Callable[[], float] = time.monotonic) -> Fitted:
    """Decode, cut into tiles, scale down and encode again.

    Raises ImageUnreadable, ImageTooLarge, and ImagesBusy if other images are being decoded all the time.
    """
    limits = limits or Limits()
    if not _decoding.acquire(timeout=limits.wait_seconds):
        raise ImagesBusy
    try:
        # Pillow warns of large images and odd metadata; our own limits apply, and warnings may be errors. The filters
        # are those of the whole process: other threads' warnings are ignored meanwhile, and the lock keeps two images
        # from restoring each other's filters.
        with warnings.catch_warnings(action="ignore"):
            return _fit(upload, limits, clock)
    finally:
        _decoding.release()


def _fit(upload: bytes, limits: Limits, clock: Callable[[], float]) -> Fitted:
    start = clock()
    source = Source(upload, limits)
    cut = tiles(*source.size)
    width, height = cut[0][2] - cut[0][0], cut[0][3] - cut[0][1]
    size = fitted((width, height), is_turned=source.orientation >= 5)
    source.prepare(size[0] / width)
    count = len(source.seconds)
    wanted = min(limits.frames_checked, limits.parts // len(cut))
    if wanted < min(2, count):
        return Fitted((), count, 0)
    chosen = choose(source.seconds, wanted)
    parts: list[Part] = []
    for number, image in enumerate(source.frames()):
        if number and clock() - start > limits.decode_seconds:
            raise ImageTooLarge(f"Decoding takes more than {limits.decode_seconds:g} s. Send fewer or smaller frames.")
        if number in chosen:
            across, down = image.width / source.size[0], image.height / source.size[1]  # scaled by a JPEG's decoder
            boxes = [(left * across, top * down, right * across, bottom * down) for left, top, right, bottom in cut]
            parts += [_part(image, box, size, source.orientation) for box in boxes]
    return Fitted(tuple(parts), count, len(chosen))


def _part(image: Image.Image, box: tuple[float, float, float, float], size: tuple[int, int], orientation: int) -> Part:
    """The box, upright, in the best quality that fits. Colours are not subsampled: thin coloured text stays legible."""
    # HAMMING: as sharp as bicubic when scaling down, no ringing at edges
    part = image.resize(size, Image.Resampling.HAMMING, box).convert("RGB")
    part.info.clear()
    part.getexif()[ExifTags.Base.Orientation] = orientation
    part = ImageOps.exif_transpose(part)
    for quality in _QUALITIES:
        file = io.BytesIO()
        part.save(file, "JPEG", quality=quality, subsampling="4:4:4")
        if file.tell() <= LARGEST_BYTES:
            break
    return Part(file.getvalue(), *part.size)


def tiles(width: int, height: int) -> list[tuple[int, int, int, int]]:
    """Boxes: the whole image, or squares along one more than twice as long as wide, that overlap by a quarter or more.

    What fills a phone's screen (16:9 or longer) fills at least one tile, wherever it lies.
    """
    long, short = max(width, height), min(width, height)
    edge = max(short, _SHORTEST_TILE)
    if long <= max(edge, 2 * short):
        return [(0, 0, width, height)]
    last = -(-(long - edge) // (edge * 3 // 4))
    starts = [(long - edge) * index // last for index in range(last + 1)]
    if height > width:
        return [(0, start, width, start + edge) for start in starts]
    return [(start, 0, start + edge, height) for start in starts]


def fitted(size: tuple[int, int], *, is_turned: bool = False) -> tuple[int, int]:
    """Width and height scaled down so that the part fits, where `is_turned` once it is upright."""
    width, height = size
    widest, highest = (LARGEST_HEIGHT, LARGEST_WIDTH) if is_turned else (LARGEST_WIDTH, LARGEST_HEIGHT)
    scale = min(1.0, widest / width, highest / height)
    return max(1, min(widest, round(width * scale))), max(1, min(highest, round(height * scale)))


def choose(seconds: Sequence[float], wanted: int) -> set[int]:
    """At most `wanted` frames, first and last among them, spread evenly over the time they are shown.

    By time, not by number: a frame that is shown most of the time cannot hide among a hundred short frames.
    """
    if len(seconds) <= wanted:
        return set(range(len(seconds)))
    shown = [0.1 if each < 0.011 else each for each in seconds[:-1]]  # as browsers do
    starts = list(accumulate(shown, initial=0.0))
    times = (starts[-1] * index / (wanted - 1) for index in range(wanted))
    chosen = {0, len(seconds) - 1} | {bisect_right(starts, time + 1e-9) - 1 for time in times}
    while len(chosen) < wanted:  # a long frame was chosen more than once
        before, behind = max(pairwise(sorted(chosen)), key=lambda gap: gap[1] - gap[0])
        chosen.add((before + behind) // 2)
    return chosen
