"""The pieces of which a door's description is made."""

from collections.abc import Iterable, Mapping
from typing import Any

from werkzeug.exceptions import MethodNotAllowed

from ...accounts import MIN_KEY_CHARACTERS, Scope
from .problems import problem_answers

Part = dict[str, Any]
"""a part of the document: plain JSON"""

SCOPES: dict[Scope, str] = {
    "token": "the current `access_token`, and its successor",
    "ticket": "the current `jsapi_ticket`, and its successor",
    "moderation": "verdicts; what a key without scopes has",
    "oauth": "nothing yet",
    "session": "nothing yet",
    "diagnose": "what is wrong with a signature",
    "ops": "the details of `/readyz`, and `/metrics` for callers on other machines",
}

SECURITY: Part = {
    "apiKey": {
        "type": "http",
        "scheme": "bearer",
        "description": f"`Authorization: Bearer <key>`, {MIN_KEY_CHARACTERS} characters or more. A key has scopes, and "
        "may be for some accounts only. Scopes:\n\n"
        + "\n".join(f"- `{scope}`: {opens}" for scope, opens in SCOPES.items()),
    }
}

HEADERS: Part = {
    "X-Request-ID": {
        "description": "The id of this request in the log; the caller's own, if it sent one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "Cache-Control": {"description": "Nothing is to be kept.", "required": True, "schema": {"const": "no-store"}},
    "Access-Control-Allow-Origin": {
        "description": "The page's origin, if it is on the JS domains.",
        "schema": {"type": "string"},
    },
}

_LINE_TOO_LONG: Part = {"description": "The request line has more than 8,190 bytes: gunicorn says so, not a door."}


def schema(name: str) -> Part:
    """Refers to one of the document's schemas."""
    return {"$ref": f"#/components/schemas/{name}"}


def parameter(name: str, description: str, of: Part, *, where: str = "query", required: bool = False) -> Part:
    """A parameter in the query, or elsewhere."""
    return {"name": name, "in": where, "required": required, "description": description, "schema": of}


def account(default: str) -> Part:
    """The parameter `account` in the query. `default` says which one is taken without it."""
    return parameter("account", f"Name or appid. Left out: {default}.", {"type": "string", "minLength": 1})


def account_in_body(default: str) -> Part:
    """The same as a field of a JSON body."""
    meaning = f"Name or appid; may stand in the query instead. Left out: {default}."
    return {"account": {"type": "string", "minLength": 1, "description": meaning}}


def json_object(required: Iterable[str], properties: Part) -> Part:
    """The schema of a JSON object that a door reads: what it does not know, it refuses."""
    return {
        "type": "object",
        "required": list(required),
        "properties": properties,
        "additionalProperties": False,
    }


def body(of: Part, example: Part) -> Part:
    """A JSON body. The example is what the page offers to send."""
    return {"required": True, "content": {"application/json": {"schema": of, "example": example}}}


def answer(description: str, of: Part | None = None, media_type: str = "application/json") -> Part:
    """What comes when all went well; without a body if there is no schema."""
    return {"description": description} | ({"content": {media_type: {"schema": of}}} if of else {})


def _either(one: Part, other: Part) -> Part:
    """What comes with one status in two forms."""
    return {
        **other,
        "description": f"{one['description']}\n\n{other['description']}",
        "content": one["content"] | other["content"],
    }


def operation(
    tag: str,
    name: str,
    summary: str,
    answers: Mapping[int, Part],
    problems: Iterable[type[Exception] | str] = (),
    *,
    description: str = "",
    scope: Scope | None = None,
    key_optional: bool = False,
    headers: Iterable[str] = ("Cache-Control",),
    **more: Any,
) -> Part:
    """A door: one method at one path. `more` are OpenAPI's own fields: `parameters`, `requestBody`."""
    responses = {str(status): given for status, given in answers.items()}
    for status, told in problem_answers([*problems, MethodNotAllowed]).items():
        responses[status] = _either(responses[status], told) if status in responses else told
    said = {header: {"$ref": f"#/components/headers/{header}"} for header in ("X-Request-ID", *headers)}
    responses = {
        status: {**given, "headers": {**said, **given.get("headers", {})}} for status, given in responses.items()
    }
    if any(given["in"] == "query" for given in more.get("parameters", ())):
        responses["414"] = _LINE_TOO_LONG
    return {
        "tags": [tag],
        "operationId": name,
        "summary": summary,
        "description": f"{description}\n\nScope: `{scope}`.".strip() if scope else description,
        "security": ([{}] if key_optional else []) + ([{"apiKey": [scope]}] if scope else []),
        **more,
        "responses": dict(sorted(responses.items())),
    }
