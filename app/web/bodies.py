"""Request bodies, read up to a limit and no further."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import request
from werkzeug.exceptions import RequestEntityTooLarge

from .errors import BodyTooLarge, ParameterWrong

_MULTIPART_BYTES = 64 * 1024
"""what the headers and boundaries of a multipart body may add to its file"""


def body(limit: int) -> bytes:
    """The whole body, of at most `limit` bytes. Raises BodyTooLarge, without reading if the length was declared."""
    with _reading(limit, spare=1):  # of a body without a length, Werkzeug cuts off the rest in silence
        content = request.get_data(cache=False)
    if len(content) < (request.content_length or 0) <= limit:
        raise ParameterWrong("The body ended before its Content-Length: half of it would be taken for the whole.")
    return _at_most(limit, content)


def image(limit: int) -> bytes:
    """The picture, of at most `limit` bytes: the one file part of a multipart body, or else the body itself."""
    content = _only_file(limit) if request.mimetype == "multipart/form-data" else body(limit)
    if not content:
        raise ParameterWrong("The image is empty: send it as the body, or as the file part of multipart/form-data.")
    return content


def _only_file(limit: int) -> bytes:
    with _reading(limit, spare=_MULTIPART_BYTES):
        fields, files = request.form, [file for _, file in request.files.items(multi=True)]
    if fields:
        raise ParameterWrong(f"The body has a part that is no file, {next(iter(fields))!r:.60}: send the image alone.")
    if len(files) != 1:
        raise ParameterWrong(f"The body has {len(files)} file parts; send one (a part with a filename).")
    return _at_most(limit, files[0].read(limit + 1))


def _at_most(limit: int, content: bytes) -> bytes:
    if len(content) > limit:
        raise BodyTooLarge(limit)
    return content


@contextmanager
def _reading(limit: int, *, spare: int) -> Iterator[None]:
    """Bounds what is read from the connection, and says plainly why it broke off."""
    request.max_content_length = limit + spare
    try:
        yield
    except RequestEntityTooLarge:
        raise BodyTooLarge(limit) from None
    except Exception:  # noqa: BLE001 - each server has exceptions of its own for a broken chunk or a gone client
        raise ParameterWrong("The body could not be read to its end.") from None
