"""The problems of an endpoint as OpenAPI answers, from the one table of errors."""

from collections.abc import Iterable
from typing import TypeGuard

from pydantic import BaseModel
from werkzeug.exceptions import MethodNotAllowed

from ...errors import UnknownAccount
from ..auth import KeyNotAllowed, KeyRequired
from ..endpoint import Endpoint, Part
from ..problems import PROBLEMS, Problem
from ..reading import BodyTooLarge, ParameterWrong
from ..schemas import base
from ..schemas.base import Request
from .models import reference

_SECONDS = {"type": "string", "pattern": "^[1-9][0-9]*$"}
_HEADERS: dict[int, Part] = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"const": "Bearer"}}},
    405: {"Allow": {"required": True, "description": "What this path takes.", "schema": {"type": "string"}}},
    429: {"Retry-After": {"required": True, "description": "Seconds.", "schema": _SECONDS}},
    503: {"Retry-After": {"required": True, "description": "Seconds.", "schema": _SECONDS}},
}


def problem_answers(endpoint: Endpoint) -> dict[int, Part]:
    """The answers for all problems of an endpoint, by status."""
    by_status: dict[int, dict[str, Problem]] = {}
    for kind in (*endpoint.problems, *_implied(endpoint)):
        problem = PROBLEMS[kind]
        by_status.setdefault(problem.status, {})[problem.type] = problem
    return {status: _answer(status, problems) for status, problems in by_status.items()}


def _implied(endpoint: Endpoint) -> Iterable[type[Exception]]:
    """What follows from the endpoint's scope and models."""
    yield MethodNotAllowed
    if endpoint.scope:
        yield from (KeyRequired, KeyNotAllowed)
    if isinstance(endpoint.body, type):
        yield BodyTooLarge
    for model in (endpoint.query, endpoint.body):
        if _is_request(model):
            yield ParameterWrong
            if "account" in model.model_fields:
                yield UnknownAccount


def _is_request(model: type[BaseModel] | Part | None) -> TypeGuard[type[Request]]:
    return isinstance(model, type) and issubclass(model, Request)


def _answer(status: int, problems: dict[str, Problem]) -> Part:
    narrowed = {"properties": {"type": {"enum": list(problems)}, "status": {"const": status}}}
    return {
        "description": "\n".join(f"- `{name}`: {problem.meaning}" for name, problem in problems.items()),
        "headers": _HEADERS.get(status, {}),
        "content": {
            "application/problem+json": {
                "schema": {"allOf": [reference(base.Problem), narrowed]},
                "examples": {problem.slug: {"value": _example(problem)} for problem in problems.values()},
            }
        },
    }


def _example(problem: Problem) -> Part:
    return {"type": problem.type, "title": problem.title, "status": problem.status, "detail": problem.meaning}
