"""What Pillow does not say before it decodes: frames and their times, scans of a JPEG, and where the image ends."""

import re
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from ..errors import ImageTooLarge, ImageUnreadable

_BEGINNINGS = {"PNG": b"\x89PNG\r\n\x1a\n", "JPEG": b"\xff\xd8\xff", "GIF": b"GIF8", "WEBP": b"RIFF", "BMP": b"BM"}
_HEIC_OR_AVIF = re.compile(rb".{4}ftyp.{0,64}?(avi[fs]|he[iv][cmsx]|mif1)", re.DOTALL)
_WEBP_FRAME = re.compile(rb"ANMF.{16}(...).(ALPH|VP8)", re.DOTALL)
_MARKER = re.compile(rb"\xff+([^\xff])", re.DOTALL)
_MARKER_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
_UNUSUAL_JPEGS = set(range(0xC3, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""lossless, hierarchical, arithmetic: browsers do not show them, and draft() does not bound their memory"""
_ADVICE = "Send the file byte for byte (with curl: --data-binary)."


class GifFrame(NamedTuple):
    """One frame of a GIF: its place on the canvas, its disposal, and a GIF file of this frame alone."""

    box: tuple[int, int, int, int]
    disposal: int
    seconds: float
    content: bytes


class Container(NamedTuple):
    """A file's format and structure."""

    format: str
    content: bytes
    """the image, for PNG without compressed metadata, for JPEG without what follows the end marker"""
    seconds: tuple[float, ...] = ()
    """how long each frame of an animation is shown"""
    gif_frames: tuple[GifFrame, ...] = ()
    scans: int = 1


def read(upload: bytes, most_frames: int) -> Container:
    """Detect the format by the first bytes and walk through the file. Raises ImageUnreadable.

    A GIF is read until it has one frame more than `most_frames`.
    """
    name = next((name for name, beginning in _BEGINNINGS.items() if upload.startswith(beginning)), None)
    if name is None:
        raise ImageUnreadable(f"Not a PNG, JPEG, GIF, WEBP, BMP, AVIF or HEIC file. Convert other formats. {_ADVICE}")
    walks: dict[str, Callable[[bytes], Container]] = {"PNG": _png, "JPEG": _jpeg, "WEBP": _webp}
    try:
        if name == "GIF":
            frames = tuple(islice(_gif_frames(upload), most_frames + 1))
            return Container(name, upload, tuple(frame.seconds for frame in frames), frames)
        return walks[name](upload) if name in walks else Container(name, upload)
    except (IndexError, struct.error):
        raise damaged(name, "it ends too early and may have been cut off") from None


def damaged(name: str, why: str) -> ImageUnreadable:
    """The error for a file that cannot be read to its end."""
    return ImageUnreadable(f"The {name} file is damaged: {why}. {_ADVICE}")


def converted(upload: bytes, most_pixels: int, seconds: float) -> bytes:
    """A HEIC or AVIF file as PNG; other files unchanged. Raises ImageUnreadable and ImageTooLarge."""
    if not _HEIC_OR_AVIF.match(upload):
        return upload
    command = [sys.executable, str(Path(__file__).with_name("conversion.py")), str(most_pixels), str(int(seconds))]
    done = subprocess.run(command, input=upload, capture_output=True, check=False)  # noqa: S603 - our program, no shell
    if done.returncode == 3:
        raise ImageTooLarge(f"The image has too many pixels; at most {most_pixels / 1e6:.3g} megapixels are decoded.")
    if done.returncode and not find_spec("pillow_heif"):
        raise ImageUnreadable("This server reads no HEIC: its extra `heif` is not installed. Send the image as JPEG.")
    if done.returncode:
        raise ImageUnreadable("The HEIC or AVIF file is damaged, or takes too much time or memory. Send it as JPEG.")
    return done.stdout


def _png(upload: bytes) -> Container:
    """Texts and profiles are dropped: Pillow would inflate them."""
    at, kind, kept, seconds = 8, b"", [upload[:8]], list[float]()
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", upload, at)
        start, at = at, at + length + 12
        if at > len(upload):
            raise IndexError
        if kind not in (b"iCCP", b"iTXt", b"zTXt"):
            kept.append(upload[start:at])
        if kind == b"fcTL":
            number, base = struct.unpack_from(">HH", upload, start + 28)
            seconds.append(number / (base or 100))
    return Container("PNG", b"".join(kept), tuple(seconds))


def _webp(upload: bytes) -> Container:
    times = (int.from_bytes(frame[1], "little") / 1000 for frame in _WEBP_FRAME.finditer(upload))
    return Container("WEBP", upload, tuple(times))


def _gif_frames(upload: bytes) -> Iterator[GifFrame]:
    start = head = 13 + _palette_bytes(upload[10])
    control = bytes(8)
    while (kind := upload[start]) != 0x3B:
        if kind == 0x2C:
            left, top, width, height, flags = struct.unpack_from("<4HB", upload, start + 1)
            at = start + 11 + _palette_bytes(flags)
        elif kind == 0x21:
            at = start + 2
        else:
            raise damaged("GIF", f"it has a block of unknown kind ({kind})")
        while length := upload[at]:
            at += length + 1
        at += 1
        if kind == 0x2C:
            size = upload[start + 5 : start + 9]
            alone = upload[:6] + size + upload[10:head] + control * any(control) + b"," + bytes(4)
            shown = struct.unpack_from("<H", control, 4)[0] / 100
            box = (left, top, left + width, top + height)
            yield GifFrame(box, control[3] >> 2 & 7, shown, alone + upload[start + 5 : at] + b";")
            control = bytes(8)
        elif upload[start + 1] == 0xF9:
            control = upload[start:at]
        start = at


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _jpeg(upload: bytes) -> Container:
    upload = _without_samsung_trailer(upload)
    at, scans = 2, 0
    while found := _MARKER.match(upload, at):
        at, marker = found.end(), found[1][0]
        if marker == 0xD9:
            return Container("JPEG", upload[:at], (0.0,), scans=scans)
        if marker in _UNUSUAL_JPEGS:
            raise damaged("JPEG", "it is of a kind that browsers do not show")
        at += struct.unpack_from(">H", upload, at)[0]
        if marker == 0xDA:
            scans += 1
            end = _MARKER_AFTER_SCAN.search(upload, at)
            at = end.start() if end else len(upload)
    if at < len(upload) - 1:
        raise damaged("JPEG", "a segment has the wrong length")
    raise ImageUnreadable(
        "The JPEG file has no end marker (FF D9), so it may have been cut off. Browsers show such files; save it again."
    )


def _without_samsung_trailer(upload: bytes) -> bytes:
    """Some Samsung phones write their trailer where the end marker belongs: cut the file there and add one.

    The file ends with `SEFH`, version, number of blocks, for each its kind, distance from `SEFH` and length; the length
    of all this, and `SEFT` (ExifTool, Samsung.pm).
    """
    start = len(upload) - 8 - int.from_bytes(upload[-8:-4], "little")
    if not upload.endswith(b"SEFT") or start < 0 or upload[start : start + 4] != b"SEFH":
        return upload
    entries = upload[start + 12 : -8]
    farthest = max((int.from_bytes(entries[at : at + 4], "little") for at in range(4, len(entries), 12)), default=0)
    return upload[: max(2, start - farthest)] + b"\xff\xd9"
