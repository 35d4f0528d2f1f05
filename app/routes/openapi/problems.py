"""What can go wrong at a door, from the one table of errors."""

from collections.abc import Iterable
from typing import Any

from ...exceptions import CredentialUnavailable, StoreUnavailable, UnknownAccount, WeChatError
from ..errors import PROBLEMS, Problem
from ..refusals import BodyTooLarge, KeyNotAllowed, KeyRequired, ParameterWrong

FROM_WECHAT = tuple(
    kind for kind in PROBLEMS if issubclass(kind, WeChatError | CredentialUnavailable | StoreUnavailable)
)
"""a door that needs WeChat, or a credential, may say any of these"""
WITH_KEY = (ParameterWrong, KeyRequired, KeyNotAllowed, UnknownAccount)
"""a door that takes an API key and `account`"""
WITH_BODY = (BodyTooLarge,)

SCHEMAS: dict[str, Any] = {
    "Problem": {
        "type": "object",
        "description": "What went wrong (RFC 9457).",
        "required": ["type", "title", "status", "detail"],
        "properties": {
            "type": {"type": "string", "pattern": "^/problems/[a-z-]+$", "description": "A stable name: decide by it."},
            "title": {"type": "string"},
            "status": {"type": "integer"},
            "detail": {"type": "string", "description": "What is wrong here, for a person."},
            "retry_after": {
                "type": "integer",
                "minimum": 1,
                "description": "Seconds, with 503 and 429: as `Retry-After`, which an item of a batch does not have.",
            },
            "errcode": {"type": "integer", "description": "WeChat's, where WeChat refused."},
            "errmsg": {"type": "string"},
            "rid": {"type": "string", "description": "WeChat's id of the call, for its support."},
            "hint": {"$ref": "#/components/schemas/Hint"},
        },
    },
    "Hint": {
        "type": "object",
        "description": "What to do about it.",
        "required": ["en", "zh"],
        "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
    },
}

_BY_SLUG = {problem.slug: problem for problem in PROBLEMS.values()}
_SECONDS = {"type": "string", "pattern": "^[1-9][0-9]*$"}
_HEADERS = {
    401: {"WWW-Authenticate": {"required": True, "schema": {"const": "Bearer"}}},
    405: {"Allow": {"required": True, "description": "What this path takes.", "schema": {"type": "string"}}},
    429: {"Retry-After": {"required": True, "description": "Seconds.", "schema": _SECONDS}},
    503: {"Retry-After": {"required": True, "description": "Seconds.", "schema": _SECONDS}},
}


def problem_answers(kinds: Iterable[type[Exception] | str]) -> dict[str, Any]:
    """The answers for these errors, by status. An error is a class of the table, or a row's slug."""
    by_status: dict[int, list[Problem]] = {}
    for problem in dict.fromkeys(_BY_SLUG[kind] if isinstance(kind, str) else PROBLEMS[kind] for kind in kinds):
        by_status.setdefault(problem.status, []).append(problem)
    return {str(status): problem_answer(status, problems) for status, problems in by_status.items()}


def problem_answer(status: int, problems: Iterable[Problem]) -> dict[str, Any]:
    """The answer for problems that have one status."""
    by_type = {problem.type: problem for problem in problems}
    narrowed = {"properties": {"type": {"enum": list(by_type)}, "status": {"const": status}}}
    return {
        "description": "\n".join(f"- `{name}`: {problem.meaning}" for name, problem in by_type.items()),
        "headers": _HEADERS.get(status, {}),
        "content": {
            "application/problem+json": {
                "schema": {"allOf": [{"$ref": "#/components/schemas/Problem"}, narrowed]},
                "examples": {problem.slug: {"value": _example(problem)} for problem in by_type.values()},
            }
        },
    }


def _example(problem: Problem) -> dict[str, Any]:
    return {"type": problem.type, "title": problem.title, "status": problem.status, "detail": problem.meaning}
