"""The endpoints of an app, and tables of them and of the scopes, for document and README."""

import inspect
import re
from collections.abc import Iterator

from flask import Flask
from pydantic import BaseModel

from ...accounts import SCOPES, Scope
from ..endpoint import Endpoint, Endpoints, View
from ..schemas.base import Request


def stated(app: Flask) -> list[tuple[Endpoints, Endpoint, View]]:
    """The endpoints that views of `app` state, each with its blueprint and view."""
    blueprints = [one for one in app.iter_blueprints() if isinstance(one, Endpoints)]
    return [(blueprint, endpoint, view) for blueprint in blueprints for endpoint, view in blueprint.stated]


def endpoint_table(app: Flask) -> list[tuple[str, str, str, str]]:
    """Request, listener, scope (in parentheses: more with a key) and meaning of everything that `app` answers."""
    by_rule: dict[tuple[str, str], Endpoint] = {(one.method, one.path): one for _, one, _ in stated(app)}
    rows = []
    for method, path, listener, meaning in _rules(app):
        endpoint = by_rule.get((method, path))
        if endpoint is None:
            rows.append((f"`{method} {path}`", listener, "-", meaning))
        else:
            rows.append((_request(endpoint), listener, _scope(endpoint), f"{meaning}{_answer(endpoint)}"))
    return rows


def scope_table(app: Flask) -> dict[Scope, list[str]]:
    """What each scope opens, as method and path."""
    opens: dict[Scope, list[str]] = {scope: [] for scope in SCOPES}
    for _, endpoint, _ in stated(app):
        if endpoint.scope:
            opens[endpoint.scope].append(f"{endpoint.method} {endpoint.path}")
    return opens


def _rules(app: Flask) -> Iterator[tuple[str, str, str, str]]:
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints[rule.endpoint.partition(".")[0]]
        listener = blueprint.listener if isinstance(blueprint, Endpoints) else "-"
        meaning = " ".join((inspect.getdoc(app.view_functions[rule.endpoint]) or "").split())
        path = re.sub(r"<\w+:", "<", rule.rule)
        for method in sorted((rule.methods or set()) - {"HEAD"}):
            if method != "OPTIONS" or not rule.provide_automatic_options:  # type: ignore[attr-defined] # Flask's own
                yield method, path, listener, meaning


def _request(endpoint: Endpoint) -> str:
    """Such as `POST /api/jssdk/signature` `{"url","account"?}`."""
    query = endpoint.query
    names = "&".join(f"{name}=" for name in query.model_fields) if query and issubclass(query, Request) else ""
    body = f" `{_object(endpoint.body)}`" if isinstance(endpoint.body, type) else ""
    return f"`{endpoint.method} {endpoint.path}{'?' if names else ''}{names}`{body}"


def _answer(endpoint: Endpoint) -> str:
    models = [model for status, model in endpoint.answers.items() if isinstance(model, type) and status < 300]
    return f" Answer: {' or '.join(f'`{_object(model)}`' for model in models)}." if models else ""


def _object(model: type[BaseModel]) -> str:
    fields = [f'"{name}"' + ("" if field.is_required() else "?") for name, field in model.model_fields.items()]
    return f"{{{','.join(fields)}}}"


def _scope(endpoint: Endpoint) -> str:
    if endpoint.scope is None:
        return "-"
    return f"(`{endpoint.scope}`)" if endpoint.key_optional else f"`{endpoint.scope}`"
