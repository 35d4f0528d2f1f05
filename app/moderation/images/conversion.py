"""A program: reads a HEIC or AVIF file, writes it as PNG. Its decoders have no limits of their own, so it has them.

A few kilobytes can hide a frame of 268 megapixels, or ask for one large tile thousands of times.
"""

import resource
import sys
from importlib.util import find_spec

from PIL import AvifImagePlugin, Image

_MEMORY = 300 << 20
"""bytes of address space, of which Python and the decoders take a third before they read anything"""


def main(most_pixels: int, seconds: int) -> int:
    """Convert all frames of an AVIF, the primary image of a HEIC; exit status 3 for too many pixels."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1
    if find_spec("pillow_heif"):  # an extra; AVIF needs Pillow alone
        from pillow_heif import register_heif_opener  # noqa: PLC0415

        register_heif_opener(thumbnails=False, decode_threads=1)
    image = Image.open(sys.stdin.buffer, formats=("AVIF", "HEIF"))
    if image.width * image.height > most_pixels:
        return 3
    image.save(
        sys.stdout.buffer, "PNG", save_all=image.format == "AVIF", compress_level=1, exif=image.info.get("exif", b"")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
