"""The orientation that a camera noted in EXIF: the one piece of metadata that changes what people see."""

_ORIENTATION = 0x0112
_SHORT = 3


def orientation(exif: bytes) -> int:
    """1 to 8, as EXIF (a TIFF header and its first directory) says; 1, which is upright, where it says nothing."""
    order = {b"II*\0": "little", b"MM\0*": "big"}.get(exif[:4])
    if order is None:
        return 1
    little = order == "little"
    start = _number(exif, 4, 4, little)
    for entry in range(start + 2, start + 2 + 12 * _number(exif, start, 2, little), 12):
        if entry + 12 > len(exif):
            break
        if _number(exif, entry, 2, little) == _ORIENTATION and _number(exif, entry + 2, 2, little) == _SHORT:
            value = _number(exif, entry + 8, 2, little)
            return value if 1 <= value <= 8 else 1
    return 1


def _number(exif: bytes, at: int, length: int, little: bool) -> int:
    return int.from_bytes(exif[at : at + length], "little" if little else "big")
