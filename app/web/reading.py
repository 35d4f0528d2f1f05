"""Reads queries and bodies, strictly and up to a limit; ParameterWrong says what is wrong, never what was sent."""

import json
import re
from binascii import a2b_qp
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from tempfile import SpooledTemporaryFile
from typing import IO, Any, TypeVar

from flask import request
from pydantic import ValidationError
from werkzeug.exceptions import RequestEntityTooLarge

from .schemas.base import Request

JSON_BYTES = 1024 * 1024
"""the largest JSON body, unless an endpoint says otherwise"""

_MEMORY_BYTES = 512 * 1024
"""of a spooled body; a larger one is in a file"""
_BLOCK_BYTES = 64 * 1024
_MULTIPART_BYTES = 64 * 1024
"""what the headers and boundaries of a multipart body may add to its file"""

Model = TypeVar("Model", bound=Request)

_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_WRONG = {
    "missing": "is missing",
    "string_type": "must be a string",
    "string_too_short": "is empty",
    "string_too_long": "may have at most {max_length} characters",
    "string_unicode": "has half a character (a lone surrogate)",
    "string_pattern_mismatch": "must match {pattern}",
    "int_type": "must be a whole number",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "less_than": "must be less than {lt}",
    "literal_error": "must be {expected}",
    "list_type": "must be a list",
    "too_short": "must have at least {min_length} items",
    "too_long": "may have at most {max_length} items",
    "value_error": "{error}",
}
"""the text for each of pydantic's types of error; its own texts may quote the input"""


class ParameterWrong(Exception):
    """A parameter or a body that cannot be what the caller meant; the text is for the caller."""


class BodyTooLarge(Exception):
    """The body has more bytes than this endpoint takes."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body may have at most {limit} bytes here.")


def read_query(model: type[Model]) -> Model:
    """The parameters of the query."""
    return checked(model, parse_query(request.environ["QUERY_STRING"].encode("latin-1"), model))


def read_json(model: type[Model], limit: int = JSON_BYTES) -> Model:
    """The parameters of a JSON object, whatever its Content-Type.

    `account`, where the model has it, may stand in the query instead.
    """
    raw_query = request.environ["QUERY_STRING"].encode("latin-1")
    in_query = _unique(_pairs(raw_query), {"account"} & model.model_fields.keys(), " The others go into the JSON body.")
    in_body = parse_json(read_body(limit))
    if in_query.keys() & in_body.keys():
        raise ParameterWrong("The parameter account is given twice.")
    return checked(model, in_body | in_query)


def parse_query(raw: bytes, model: type[Request]) -> dict[str, str]:
    """The parameters of a query string, each percent-decoded exactly once."""
    return _unique(_pairs(raw), model.model_fields, model.advice)


def parse_json(raw: bytes) -> dict[str, Any]:
    """The JSON object. Names that are repeated in any of its objects are refused."""
    if not raw.strip():
        raise ParameterWrong("The body is empty: it must be a JSON object.")
    try:
        document = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise ParameterWrong("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise ParameterWrong(f"The body is not JSON: {error}.") from None
    except (ValueError, RecursionError):
        raise ParameterWrong("The body is not usable JSON: a number is too long, or it is nested too deep.") from None
    if not isinstance(document, dict):
        raise ParameterWrong("The body must be a JSON object.")
    return document


def checked(model: type[Model], given: Mapping[str, Any]) -> Model:
    """The model of these values. Raises ParameterWrong, which names each value that is wrong."""
    for name, value in given.items():
        _check_known(name, model.model_fields, model.advice)
        if value is None:
            raise ParameterWrong(f"The parameter {name} must not be null.")
    try:
        return model.model_validate(given)
    except ValidationError as error:
        reasons = [_reason(one) for one in error.errors(include_input=False, include_url=False)]
        raise ParameterWrong(" ".join(reasons)) from None


def read_body(limit: int) -> bytes:
    """The whole body, of at most `limit` bytes. Raises BodyTooLarge, without reading if the length was declared."""
    with _reading(limit, spare=1):  # of a body without a length, Werkzeug cuts off the rest in silence
        content = request.get_data(cache=False)
    _check_length(limit, len(content))
    return content


@contextmanager
def spooled_body(limit: int) -> Iterator[tuple[IO[bytes], int]]:
    """The whole body as a file that ends with the block, and its length. Raises as `read_body`."""
    with SpooledTemporaryFile(_MEMORY_BYTES) as file:
        with _reading(limit, spare=1):
            while block := request.stream.read(_BLOCK_BYTES):
                file.write(block)
        length = file.tell()
        _check_length(limit, length)
        yield file, length


def read_image(limit: int) -> bytes:
    """The image, of at most `limit` bytes: the one file part of a multipart body, or else the body itself."""
    content = _only_file(limit) if request.mimetype == "multipart/form-data" else read_body(limit)
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
    content: bytes = files[0].read(limit + 1)
    if len(content) > limit:
        raise BodyTooLarge(limit)
    return content


def _check_length(limit: int, length: int) -> None:
    if length < (request.content_length or 0) <= limit:
        raise ParameterWrong("The body ended before its Content-Length: half of it would be taken for the whole.")
    if length > limit:
        raise BodyTooLarge(limit)


@contextmanager
def _reading(limit: int, *, spare: int) -> Iterator[None]:
    """Bound what is read from the connection. Raises BodyTooLarge, or ParameterWrong if the body breaks off."""
    request.max_content_length = limit + spare
    try:
        yield
    except RequestEntityTooLarge:
        raise BodyTooLarge(limit) from None
    except Exception:  # noqa: BLE001 - each server has exceptions of its own for a broken chunk or a gone client
        raise ParameterWrong("The body could not be read to its end.") from None


def _reason(error: Mapping[str, Any]) -> str:
    text = _WRONG.get(error["type"], "is not valid").format(**error.get("ctx", {}))
    return f"The parameter {'.'.join(map(str, error['loc']))} {text}." if error["loc"] else text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for name, value in pairs:
        if name in values:
            raise ParameterWrong(f"The parameter {name!r:.60} is given twice.")
        values[name] = value
    return values


def _no_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is no JSON", name, 0)


def _pairs(raw: bytes) -> Iterable[tuple[str, str]]:
    for part in raw.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            yield _decoded(name.replace(b"+", b" ")), _decoded(value.replace(b"+", b" "))


def _decoded(part: bytes) -> str:
    if b"%" in part:
        if _STRAY_PERCENT.search(part):
            raise ParameterWrong("The query has a % without two hexadecimal digits: encode with encodeURIComponent.")
        # As quoted-printable, which is decoded in C: a tenth of the time of urllib's unquote_to_bytes.
        part = a2b_qp(part.replace(b"=", b"=3D").replace(b"%", b"="))
    try:
        return part.decode("utf-8")
    except UnicodeDecodeError:
        raise ParameterWrong("The query is not percent-encoded UTF-8.") from None


def _unique(pairs: Iterable[tuple[str, str]], known: Collection[str], advice: str) -> dict[str, str]:
    parameters: dict[str, str] = {}
    for name, value in pairs:
        _check_known(name, known, advice)
        if name in parameters:
            raise ParameterWrong(f"The parameter {name} is given twice.{advice}")
        parameters[name] = value
    return parameters


def _check_known(name: str, known: Collection[str], advice: str) -> None:
    if name not in known:
        names = f"known here: {', '.join(known)}" if known else "none is known here"
        raise ParameterWrong(f"The parameter {name!r:.60} is unknown; {names}.{advice}")
