"""Finds the file in a multipart body as strictly as WeChat does: quoted boundaries and nameless files don't count."""

import re
from collections.abc import Iterator

_BOUNDARY = re.compile(r';\s*boundary=([^;\s"]+)', re.IGNORECASE)
_FILENAME = re.compile(rb'^content-disposition:.*;\s*filename=(?:"[^"\r\n]+"|[^";\s]+)', re.IGNORECASE | re.MULTILINE)


def first_file(content_type: str, body: bytes) -> bytes | None:
    """The content of the first part with a file name, or None (WECHAT.md 4: 41005)."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return None
    for head, content in _parts(body, boundary[1].encode("latin-1")):
        if _FILENAME.search(head):
            return content
    return None


def _parts(body: bytes, boundary: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Head and content of each complete part."""
    delimiter = b"\r\n--" + boundary
    pieces = (b"\r\n" + body).split(delimiter)
    for piece in pieces[1:-1]:  # before the first is a preamble, behind the last the end mark
        head, blank, content = piece.partition(b"\r\n\r\n")
        if blank:
            yield head.strip(b"\r\n"), content
