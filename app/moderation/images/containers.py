"""What a file's container says before anything is decoded: format, frames, scans, and where the image ends."""

import re
import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice

from ...errors import ImageUnreadable

_SIGNATURES = {
    "PNG": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "JPEG": re.compile(rb"\xff\xd8\xff"),
    "GIF": re.compile(rb"GIF8[79]a"),
    "WEBP": re.compile(rb"RIFF....WEBP", re.DOTALL),
    "BMP": re.compile(rb"BM"),
    "AVIF": re.compile(rb"\0\0\0.ftyp(....){0,15}?avi[fs]", re.DOTALL),
    "HEIF": re.compile(rb"\0\0\0.ftyp(....){0,15}?he[iv][cmsx]", re.DOTALL),
}
_PNG_CHUNKS = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND", b"eXIf"}
_APNG_CHUNKS = {b"acTL", b"fcTL", b"fdAT"}
_MARKER = re.compile(rb"\xff+([^\xff])", re.DOTALL)
_MARKER_AFTER_SCAN = re.compile(rb"\xff+[^\x00\xd0-\xd7\xff]", re.DOTALL)
_ADVICE = "Send the file byte for byte (with curl: --data-binary)."


@dataclass(frozen=True, slots=True)
class GifFrame:
    """One frame of a GIF: where it lies, and a GIF file of this frame alone."""

    box: tuple[int, int, int, int]
    disposal: int
    seconds: float
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Container:
    """A file's format and structure."""

    format: str
    content: bytes = field(repr=False)
    """the image alone: without what follows it, and for PNG and JPEG without most metadata"""
    seconds: tuple[float, ...] = ()
    """how long each frame is shown; empty where the container does not say"""
    gif_frames: tuple[GifFrame, ...] = ()
    gif_size: tuple[int, int] = (0, 0)
    """of the canvas, which grows where a frame needs it, as in browsers"""
    scans: int = 1
    samples: int = 0
    """that the decoder of a progressive JPEG holds"""


def read(upload: bytes, most_frames: int) -> Container:
    """Tell the format by the first bytes and walk through the file. Raises ImageUnreadable.

    A GIF is read until it has one frame more than `most_frames`.
    """
    if not upload:
        raise ImageUnreadable("The image is empty.")
    name = next((name for name, signature in _SIGNATURES.items() if signature.match(upload)), None)
    if name is None:
        raise ImageUnreadable(f"Not a PNG, JPEG, GIF, WEBP, BMP, AVIF or HEIC file. Convert other formats. {_ADVICE}")
    walks: dict[str, Callable[[], Container]] = {
        "PNG": lambda: _png(upload),
        "JPEG": lambda: _jpeg(upload),
        "GIF": lambda: _gif(upload, most_frames),
        "WEBP": lambda: _webp(upload),
    }
    try:
        return walks[name]() if name in walks else Container(name, upload)
    except (IndexError, struct.error):
        raise damaged(name, "it ends too early and may have been cut off") from None


def damaged(name: str, why: str) -> ImageUnreadable:
    """The error for a file that cannot be read to its end."""
    return ImageUnreadable(f"The {name.replace('HEIF', 'HEIC')} file is damaged: {why}. {_ADVICE}")


def _png(upload: bytes) -> Container:
    chunks = list(_png_chunks(upload))
    kinds = [kind for kind, _ in chunks]
    if kinds[0] != b"IHDR" or b"IDAT" not in kinds:
        raise damaged("PNG", "there is no image in it")
    is_still = b"acTL" not in kinds[: kinds.index(b"IDAT")]
    wanted = _PNG_CHUNKS if is_still else _PNG_CHUNKS | _APNG_CHUNKS
    # EXIF comes before the data, where Pillow reads it without decoding them.
    chunks.sort(key=lambda chunk: (b"IHDR", b"eXIf").index(chunk[0]) if chunk[0] in (b"IHDR", b"eXIf") else 2)
    content = upload[:8] + b"".join(chunk for kind, chunk in chunks if kind in wanted)
    if is_still:
        return Container("PNG", content, (0.0,))
    kinds = [kind for kind, _ in chunks]
    count = struct.unpack_from(">I", chunks[kinds.index(b"acTL")][1], 8)[0]
    delays = [struct.unpack_from(">HH", chunk, 28) for kind, chunk in chunks if kind == b"fcTL"]
    if kinds.count(b"acTL") > 1 or count != len(delays):
        raise damaged("PNG", f"it has {len(delays)} frames and says {count}")
    default = kinds.index(b"fcTL") > kinds.index(b"IDAT")  # shown by programs that know no animation
    seconds = [0.0] * default + [number / (base or 100) for number, base in delays]
    return Container("PNG", content, tuple(seconds))


def _png_chunks(upload: bytes) -> Iterator[tuple[bytes, memoryview]]:
    at, kind, view = 8, b"", memoryview(upload)
    while kind != b"IEND":
        length, kind = struct.unpack_from(">I4s", upload, at)
        start, at = at, at + length + 12
        if at > len(upload):
            raise IndexError
        yield kind, view[start:at]


def _webp(upload: bytes) -> Container:
    end = struct.unpack_from("<I", upload, 4)[0] + 8
    if end > len(upload):
        raise IndexError
    at, seconds = 12, []
    while at < end:
        kind, length = struct.unpack_from("<4sI", upload, at)
        if kind == b"ANMF":
            seconds.append(int.from_bytes(upload[at + 20 : at + 23], "little") / 1000)
        at += 8 + length + length % 2
    return Container("WEBP", upload[:end], tuple(seconds) or (0.0,))


def _gif(upload: bytes, most_frames: int) -> Container:
    frames = tuple(islice(_gif_frames(upload), most_frames + 1))
    if not frames:
        raise damaged("GIF", "there is no image in it")
    size = struct.unpack_from("<HH", upload, 6)
    right, bottom = (max(size[side], *(frame.box[side + 2] for frame in frames)) for side in (0, 1))
    return Container("GIF", upload, tuple(frame.seconds for frame in frames), frames, (right, bottom))


def _gif_frames(upload: bytes) -> Iterator[GifFrame]:
    start = head = 13 + _palette_bytes(upload[10])
    control = bytes(8)
    while (kind := upload[start]) != 0x3B:
        if kind == 0x21:
            at = _behind_blocks(upload, start + 2)
            if upload[start + 1] == 0xF9:
                control = upload[start:at]
        elif kind == 0x2C:
            left, top, width, height, flags = struct.unpack_from("<4HB", upload, start + 1)
            at = _behind_blocks(upload, start + 11 + _palette_bytes(flags))
            screen = upload[:6] + upload[start + 5 : start + 9] + upload[10:head]
            alone = screen + control * (control[0] == 0x21) + b"," + bytes(4) + upload[start + 5 : at] + b";"
            shown = struct.unpack_from("<H", control, 4)[0] / 100
            yield GifFrame((left, top, left + width, top + height), control[3] >> 2 & 7, shown, alone)
            control = bytes(8)
        else:
            raise damaged("GIF", f"it has a block of unknown kind ({kind})")
        start = at


def _behind_blocks(upload: bytes, at: int) -> int:
    while length := upload[at]:
        at += length + 1
    return at + 1


def _palette_bytes(flags: int) -> int:
    return 3 << (flags & 7) + 1 if flags & 0x80 else 0


def _jpeg(upload: bytes) -> Container:
    upload = _without_samsung_trailer(upload)
    at, kept, scans, frame = 2, [b"\xff\xd8"], 0, b""
    while (marker := _marker(upload, at))[1] != 0xD9:
        at = marker[0]
        segment = upload[at : at + struct.unpack_from(">H", upload, at)[0]]
        at += max(2, len(segment))
        if marker[1] in range(0xC0, 0xD0) and marker[1] not in (0xC4, 0xC8, 0xCC):
            if frame or marker[1] > 0xC2:
                raise damaged("JPEG", "it is of a kind that browsers do not show")
            frame, is_progressive = segment, marker[1] == 0xC2
        # Metadata, previews and further images (MPO) stay behind. APP0 and APP14 say what the colours mean.
        is_exif = marker[1] == 0xE1 and segment[2:8] == b"Exif\0\0"
        if marker[1] in (0xE0, 0xEE) or marker[1] < 0xE0 or is_exif:
            kept += [bytes((0xFF, marker[1])), segment]
        if marker[1] == 0xDA:
            scans += 1
            end = _MARKER_AFTER_SCAN.search(upload, at)
            if end is None:
                raise _no_end()
            kept.append(upload[at : end.start()])
            at = end.start()
    if not frame or not scans:
        raise damaged("JPEG", "there is no image in it")
    content = b"".join((*kept, b"\xff\xd9"))
    return Container(
        "JPEG", content, (0.0,), scans=scans, samples=_samples(frame) if is_progressive or scans > 1 else 0
    )


def _marker(upload: bytes, at: int) -> tuple[int, int]:
    """The position behind the next marker, and its kind."""
    found = _MARKER.match(upload, at)
    if found is None:
        raise _no_end() if at >= len(upload) - 1 else damaged("JPEG", "a segment has the wrong length")
    return found.end(), found[1][0]


def _no_end() -> ImageUnreadable:
    return ImageUnreadable(
        "The JPEG file has no end marker (FF D9), so it may have been cut off. Browsers show such files; save it again."
    )


def _samples(frame: bytes) -> int:
    """Of all components together, each as finely sampled as it is."""
    height, width = struct.unpack_from(">HH", frame, 3)
    across, down = [byte >> 4 for byte in frame[9::3]], [byte & 15 for byte in frame[9::3]]
    finest = max(across, default=1) * max(down, default=1) or 1
    return int(width * height * sum(x * y for x, y in zip(across, down, strict=True)) / finest)


def _without_samsung_trailer(upload: bytes) -> bytes:
    """Some Samsung phones write their trailer where the end marker belongs: cut the file there and put one.

    The file ends with `SEFH`, version, number of blocks, for each its kind, distance from `SEFH` and length; the length
    of all this, and `SEFT` (ExifTool, Samsung.pm).
    """
    if not upload.endswith(b"SEFT"):
        return upload
    start = len(upload) - 8 - int.from_bytes(upload[-8:-4], "little")
    if start < 0 or upload[start : start + 4] != b"SEFH":
        return upload
    entries = upload[start + 12 : -8]
    farthest = max((int.from_bytes(entries[at : at + 4], "little") for at in range(4, len(entries), 12)), default=0)
    return upload[: max(2, start - farthest)] + b"\xff\xd9"
