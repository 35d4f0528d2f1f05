"""The OpenAPI document of an app: its endpoints, with the schemas of their models."""

import inspect
import re

from flask import Flask
from pydantic import BaseModel

from ...accounts import MIN_KEY_CHARACTERS, SCOPES, Scope
from ..endpoint import Endpoint, Endpoints, Part, View
from ..schemas.base import Problem
from .models import components, parameters, reference
from .problems import problem_answers

VERSION = "0.1.0"

_DESCRIPTION = """\
One place that holds `access_token` and `jsapi_ticket` of WeChat accounts, signs `wx.config` for H5 pages, and checks
texts, images and audio with WeChat's content security (内容安全).

Bodies are read as JSON whatever their `Content-Type` says. A parameter that is unknown, repeated or empty is refused
(400). `account` is an account's name or appid; where the request has a JSON body, it may be in the query instead.

Every error is `application/problem+json` (RFC 9457). Decide by its `type`, never by its texts. `errcode`, `errmsg` and
`rid` are WeChat's own words, `hint` says in English and Chinese what to do. Beside what each endpoint lists: a path
that does not exist is 404 `/problems/not-found`; a request that is broken as HTTP is 4xx `/problems/bad-request`; a
fault of this server is 500 `/problems/internal`, and its log says more under the `X-Request-ID`.
"""
_TAGS = {
    "Pages": "For H5 pages in WeChat's browser: signatures (签名) for `wx.config`. Public, CORS for the JS domains.",
    "Credentials": "For other business servers: the current `access_token` or `jsapi_ticket`, or its successor.",
    "Web login": "For web pages and their backends: users log in with WeChat (网页授权, 网站应用扫码登录).",
    "Moderation": "For backends: a verdict on a text, an image or audio.",
    "Mini program login": "For backends: who a mini program's user is; the `session_key` stays on this server.",
    "Message push": "For WeChat: it delivers results and messages here (消息推送).",
    "Monitoring": "For monitoring: is the server alive and ready?",
}
_HEADERS: Part = {
    "X-Request-ID": {
        "description": "The id of this request in the log; the caller's own, if it sent one.",
        "required": True,
        "schema": {"type": "string", "pattern": "^[A-Za-z0-9._-]{1,64}$"},
    },
    "Cache-Control": {"description": "Not to be stored.", "required": True, "schema": {"const": "no-store"}},
    "Access-Control-Allow-Origin": {
        "description": "The page's origin, if it is on the JS domains.",
        "schema": {"type": "string"},
    },
}
_LINE_TOO_LONG = {"description": "The request line has more than 8,190 bytes; the answer comes from the web server."}


def document(app: Flask) -> Part:
    """The document of the endpoints that `app` has."""
    endpoints = stated(app)
    paths: dict[str, Part] = {}
    for blueprint, endpoint, view in endpoints:
        path = re.sub(r"<(\w+)>", r"{\1}", endpoint.path)
        paths.setdefault(path, {})[endpoint.method.lower()] = _operation(blueprint, endpoint, view)
    used = {blueprint.tag for blueprint, _, _ in endpoints}
    headers = {"X-Request-ID", *(header for blueprint, _, _ in endpoints for header in blueprint.headers)}
    description = "\n".join([_DESCRIPTION, *(blueprint.about for blueprint in _blueprints(app) if blueprint.about)])
    return {
        "openapi": "3.1.0",
        "info": {"title": "WeChat central control server", "version": VERSION, "description": description},
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items() if name in used],
        "paths": paths,
        "components": {
            "schemas": components(
                {Problem, *(model for _, endpoint, _ in endpoints for model in endpoint.json_models)}
            ),
            "headers": {name: header for name, header in _HEADERS.items() if name in headers},
            "securitySchemes": {"apiKey": _security(app)},
        },
    }


def stated(app: Flask) -> list[tuple[Endpoints, Endpoint, View]]:
    """The endpoints that views of `app` state, each with its blueprint and view."""
    return [(blueprint, endpoint, view) for blueprint in _blueprints(app) for endpoint, view in blueprint.stated]


def scope_table(app: Flask) -> dict[Scope, list[str]]:
    """What each scope opens, as method and path."""
    opens: dict[Scope, list[str]] = {scope: [] for scope in SCOPES}
    for _, endpoint, _ in stated(app):
        if endpoint.scope:
            opens[endpoint.scope].append(f"{endpoint.method} {endpoint.path}")
    for blueprint in _blueprints(app):
        for scope, what in blueprint.opens.items():
            opens[scope] += what
    return opens


def _blueprints(app: Flask) -> list[Endpoints]:
    return [one for one in app.iter_blueprints() if isinstance(one, Endpoints)]


def _operation(blueprint: Endpoints, endpoint: Endpoint, view: View) -> Part:
    summary, _, description = (inspect.getdoc(view) or "").partition("\n")
    security: list[Part] = [{"apiKey": [endpoint.scope]}] if endpoint.scope else []
    operation: Part = {
        "tags": [blueprint.tag],
        "operationId": endpoint.name,
        "summary": summary.removesuffix("."),
        "description": " ".join(description.split()),
        "security": [{}, *security] if endpoint.key_optional else security,
        "parameters": [*_in_path(endpoint), *(parameters(endpoint.query) if endpoint.query else [])],
        "responses": _responses(blueprint, endpoint),
    }
    if isinstance(endpoint.body, type):
        content = {"application/json": {"schema": reference(endpoint.body), "example": endpoint.body.example}}
        operation["requestBody"] = {"required": True, "content": content}
    elif endpoint.body:
        operation["requestBody"] = {"required": True, "content": endpoint.body}
    return operation


def _in_path(endpoint: Endpoint) -> list[Part]:
    schema = {"type": "string", "minLength": 1}
    described = ((name, endpoint.path_values.get(name, "")) for name in re.findall(r"<(\w+)>", endpoint.path))
    return [
        {"name": name, "in": "path", "required": True, "description": text, "schema": schema}
        for name, text in described
    ]


def _responses(blueprint: Endpoints, endpoint: Endpoint) -> Part:
    answers = {status: _answer(stated) for status, stated in endpoint.answers.items()}
    for status, problem in problem_answers(endpoint).items():
        if status in answers:  # one status in two forms
            one = answers[status]
            problem["description"] = f"{one['description']}\n\n{problem['description']}"
            problem["content"] |= one["content"]
        answers[status] = problem
    headers = {name: {"$ref": f"#/components/headers/{name}"} for name in ("X-Request-ID", *blueprint.headers)}
    responses = {
        str(status): {**answer, "headers": {**headers, **answer.get("headers", {})}}
        for status, answer in answers.items()
    }
    if endpoint.query:
        responses["414"] = _LINE_TOO_LONG
    return dict(sorted(responses.items()))


def _answer(stated: type[BaseModel] | Part) -> Part:
    if not isinstance(stated, type):
        return stated
    content = {"application/json": {"schema": reference(stated)}}
    return {"description": inspect.getdoc(stated) or "", "content": content}


def _security(app: Flask) -> Part:
    opened = [f"- `{scope}`: {', '.join(opens) or 'nothing yet'}" for scope, opens in scope_table(app).items()]
    return {
        "type": "http",
        "scheme": "bearer",
        "description": f"`Authorization: Bearer <key>`, {MIN_KEY_CHARACTERS} characters or more. A key has scopes, and "
        "may be for some accounts only. Scopes, and what they open here:\n\n" + "\n".join(opened),
    }
