"""The tables of README.md that follow from the endpoints. `python -m tests.readme_tables` writes them."""

import inspect
import re
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from flask import Flask
from pydantic import BaseModel

from app import create_app
from app.gateway import rules as gateway_rules
from app.web import gateway
from app.web.endpoint import Endpoint, Endpoints
from app.web.openapi.document import scope_table, stated
from app.web.schemas.base import Request

README = Path(__file__).parents[1] / "README.md"

_ENVIRONMENT = {
    "WECHAT_APPID": "wx0123456789abcdef",
    "WECHAT_SECRET": "0123456789abcdef" * 2,
    "WECHAT_STORE_URL": "memory://",
}


def tables() -> dict[str, str]:
    """The rows of each table by its header."""
    app = create_app(_ENVIRONMENT)
    scopes = {scope: ", ".join(f"`{one}`" for one in opens) for scope, opens in scope_table(app).items()}
    return {
        "| request | listener | scope | meaning |": _rows(endpoint_table(app)),
        "| scope | opens |": _rows((f"`{scope}`", opens or "nothing yet") for scope, opens in scopes.items()),
    }


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
    families = ", ".join(f"`{family}`" for family in gateway_rules.FAMILIES)
    meaning = f"{inspect.getdoc(gateway.call_wechat)} Families: {families}. See [Gateway](#gateway)."
    return [*rows, ("`GET, POST /<family>/...`", gateway.blueprint.listener, "`gateway`, `sns`, `ops`", meaning)]


def _rules(app: Flask) -> Iterator[tuple[str, str, str, str]]:
    for rule in app.url_map.iter_rules():
        blueprint = app.blueprints[rule.endpoint.partition(".")[0]]
        if blueprint is gateway.blueprint:
            continue
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


def written(text: str) -> str:
    """The text with these tables as they should be."""
    for header, rows in tables().items():
        head = re.compile(rf"^({re.escape(header)}\n\|[-|]+\|\n)(?:\|.*\n)*", re.MULTILINE)
        text, count = head.subn(partial(_replaced, rows), text)
        if count != 1:
            raise ValueError(f"README.md has {count} tables with the header {header}")
    return text


def _replaced(rows: str, match: re.Match[str]) -> str:
    return match[1] + rows


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
