"""What a caller sent, read strictly: what is missing, unknown, repeated or of the wrong type is said by its name."""

import json
import re
from collections.abc import Collection, Sequence
from typing import Any
from urllib.parse import unquote_to_bytes

from flask import request

from .bodies import body
from .refusals import ParameterWrong

JSON_BYTES = 1024 * 1024
"""the largest JSON body, unless a door says otherwise"""

_STRAY_PERCENT = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def query(*names: str, advice: str = "") -> dict[str, str]:
    """The query's parameters, of which only `names` are known. `advice` is added when another one comes."""
    return parse_query(request.environ["QUERY_STRING"].encode("latin-1"), names, advice)


def json_body(*names: str, limit: int = JSON_BYTES, numbers: Collection[str] = ()) -> dict[str, str]:
    """The body's parameters, of which only `names` are known: a JSON object of texts, whatever its Content-Type.

    Those in `numbers` must be whole numbers there, and are given as texts: see `choice`.

    `account`, where it is known, may stand in the query instead, as it does at the doors without a JSON body.
    """
    given = values(*names, limit=limit)
    return {name: _number(name, value) if name in numbers else text(name, value) for name, value in given.items()}


def values(*names: str, limit: int = JSON_BYTES) -> dict[str, Any]:
    """The same with values of any type, as they came: the door reads them."""
    in_query = query(*{"account"}.intersection(names), advice=" The others go into the JSON body.")
    in_body = known("The body", _json(body(limit)), names)
    if in_query.keys() & in_body.keys():
        raise ParameterWrong("The parameter account is given twice.")
    return in_query | in_body


def known(what: str, document: object, names: Collection[str]) -> dict[str, Any]:
    """The values of a JSON object that is part of a body. Raises ParameterWrong for names that are not known."""
    if not isinstance(document, _Pairs):
        raise ParameterWrong(f"{what} must be a JSON object.")
    return _named(document, names)


def text(name: str, value: object) -> str:
    """The value as a text with something in it. Raises ParameterWrong."""
    if _LONE_SURROGATE.search(found := any_text(name, value)):
        raise ParameterWrong(f"The parameter {name} has half a character (a lone surrogate).")
    return found


def any_text(name: str, value: object) -> str:
    """The same where half a character is no harm."""
    if not isinstance(value, str):
        raise ParameterWrong(f"The parameter {name} must be a string.")
    if not value:
        raise ParameterWrong(f"The parameter {name} is empty.")
    return value


def required(parameters: dict[str, str], name: str) -> str:
    """The parameter of this name. Raises ParameterWrong when it is missing."""
    if name not in parameters:
        raise ParameterWrong(f"The parameter {name} is missing.")
    return parameters[name]


def choice(parameters: dict[str, str], name: str, allowed: Collection[int]) -> int:
    """The number of this name, one of those that are allowed. Raises ParameterWrong."""
    given = required(parameters, name)
    for number in allowed:
        if given == str(number):
            return number
    raise ParameterWrong(f"The parameter {name} must be one of {', '.join(map(str, allowed))}.")


def parse_query(raw: bytes, names: Collection[str], advice: str = "") -> dict[str, str]:
    """The parameters of a query string, each percent-decoded exactly once."""
    pairs = [part.partition(b"=") for part in raw.split(b"&") if part]
    return _checked([(_decoded(name), _decoded(value)) for name, _, value in pairs], names, advice)


def parse_json(raw: bytes, names: Collection[str], numbers: Collection[str] = ()) -> dict[str, str]:
    """The parameters of a JSON object."""
    given = known("The body", _json(raw), names)
    return {name: _number(name, value) if name in numbers else text(name, value) for name, value in given.items()}


def _json(raw: bytes) -> object:
    if not raw.strip():
        raise ParameterWrong("The body is empty: it must be a JSON object.")
    try:
        return json.loads(raw.decode("utf-8"), object_pairs_hook=_Pairs, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise ParameterWrong("The body is not UTF-8.") from None
    except json.JSONDecodeError as error:
        raise ParameterWrong(f"The body is not JSON: {error}.") from None
    except (ValueError, RecursionError):
        raise ParameterWrong("The body is no JSON that anybody means: a number too long, or nested too deep.") from None


class _Pairs(list[tuple[str, Any]]):
    """A JSON object as it was written, repeated names included."""


def _no_constant(name: str) -> None:
    raise json.JSONDecodeError(f"{name} is no JSON", name, 0)


def _decoded(part: bytes) -> str:
    if _STRAY_PERCENT.search(part):
        raise ParameterWrong("The query has a % that no two hexadecimal digits follow: encode with encodeURIComponent.")
    try:
        return unquote_to_bytes(part.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise ParameterWrong("The query is not percent-encoded UTF-8.") from None


def _checked(pairs: Sequence[tuple[str, Any]], names: Collection[str], advice: str = "") -> dict[str, str]:
    return {name: text(name, value) for name, value in _named(pairs, names, advice).items()}


def _named(pairs: Sequence[tuple[str, Any]], names: Collection[str], advice: str = "") -> dict[str, Any]:
    parameters: dict[str, Any] = {}
    for name, value in pairs:
        if name not in names:
            known_here = f"known here: {', '.join(names)}" if names else "none is known here"
            raise ParameterWrong(f"The parameter {name!r:.60} is unknown; {known_here}.{advice}")
        if name in parameters:
            raise ParameterWrong(f"The parameter {name} is given twice.{advice}")
        parameters[name] = value
    return parameters


def _number(name: str, value: object) -> str:
    if type(value) is not int:
        raise ParameterWrong(f"The parameter {name} must be a whole number.")
    return str(value)
