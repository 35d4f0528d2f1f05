"""Reads a query or a JSON body into its model, strictly; ParameterWrong says what is wrong, never what was sent."""

import json
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeVar
from urllib.parse import unquote_to_bytes

from flask import request
from pydantic import ValidationError

from .bodies import body
from .errors import ParameterWrong
from .schemas.base import Request

JSON_BYTES = 1024 * 1024
"""the largest JSON body, unless an endpoint says otherwise"""

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
"""what is wrong with a parameter, by pydantic's type of error; pydantic's own texts may quote the input"""


def read_query(model: type[Model]) -> Model:
    """The parameters of the query."""
    return checked(model, parse_query(request.environ["QUERY_STRING"].encode("latin-1"), model))


def read_json(model: type[Model], limit: int = JSON_BYTES) -> Model:
    """The parameters of a JSON object, whatever its Content-Type.

    `account`, where the model has it, may stand in the query instead.
    """
    raw_query = request.environ["QUERY_STRING"].encode("latin-1")
    in_query = _unique(_pairs(raw_query), {"account"} & model.model_fields.keys(), " The others go into the JSON body.")
    in_body = parse_json(body(limit))
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
        told = [_told(one) for one in error.errors(include_input=False, include_url=False)]
        raise ParameterWrong(" ".join(told)) from None


def _told(error: Mapping[str, Any]) -> str:
    text = _WRONG.get(error["type"], "is not valid").format(**error.get("ctx", {}))
    return f"The parameter {'.'.join(map(str, error['loc']))} {text}." if error["loc"] else text


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) < len(pairs):
        names = [name for name, _ in pairs]
        raise ParameterWrong(f"The parameter {next(n for n in names if names.count(n) > 1)!r:.60} is given twice.")
    return values


def _no_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is no JSON", name, 0)


def _pairs(raw: bytes) -> Iterable[tuple[str, str]]:
    for part in raw.split(b"&"):
        if part:
            name, _, value = part.partition(b"=")
            yield _decoded(name), _decoded(value)


def _decoded(part: bytes) -> str:
    if _STRAY_PERCENT.search(part):
        raise ParameterWrong("The query has a % without two hexadecimal digits: encode with encodeURIComponent.")
    try:
        return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")
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
