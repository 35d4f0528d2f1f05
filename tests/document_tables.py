"""The tables of docs/ that follow from the code. `python -m tests.document_tables` writes them.

A cell that is None is written by hand and stays: what to do about a problem, and in Chinese documents the meanings.
"""

import inspect
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from flask import Flask
from pydantic import BaseModel

from app import create_app
from app.gateway import rules as gateway_rules
from app.metrics import METRICS
from app.settings import settings_table
from app.web import gateway
from app.web.endpoint import Endpoint, Endpoints
from app.web.openapi.document import scope_table, stated
from app.web.problems import INTERNAL, OTHER, PROBLEMS
from app.web.schemas.base import Request

DOCS = Path(__file__).parents[1] / "docs"
Row = tuple[str | None, ...]

_ENVIRONMENT = {
    "WECHAT_APPID": "wx0123456789abcdef",
    "WECHAT_SECRET": "0123456789abcdef" * 2,
    "WECHAT_STORE_URL": "memory://",
}


def tables() -> dict[tuple[str, str], Sequence[Row]]:
    """The rows of each table by its document and its header."""
    app = create_app(_ENVIRONMENT)
    scopes = [(f"`{name}`", ", ".join(f"`{one}`" for one in opens)) for name, opens in scope_table(app).items()]
    endpoints = endpoint_table(app)
    settings = [
        (f"`{name}`", default if default == "-" else f"`{default}`", meaning)
        for name, default, meaning in settings_table()
    ]
    metrics = [
        (f"`{one.name}`", one.type, ", ".join(f"`{label}`" for label in one.labels) or "-", one.meaning)
        for one in METRICS
    ]
    kinds = dict.fromkeys((*PROBLEMS.values(), INTERNAL, OTHER))
    problems = [(f"`{problem.type}`", str(problem.status), problem.meaning, None) for problem in kinds]
    return {
        ("api.md", "| request | listener | scope | meaning |"): endpoints,
        ("api.zh-CN.md", "| 请求 | 监听 | scope | 说明 |"): _without(endpoints, 3),
        ("api.md", "| scope | opens |"): scopes,
        ("api.zh-CN.md", "| scope | 可以调用 |"): scopes,
        ("configuration.md", "| name | default | meaning |"): settings,
        ("configuration.zh-CN.md", "| 名称 | 默认值 | 说明 |"): _without(settings, 2),
        ("metrics.md", "| metric | type | labels | meaning |"): metrics,
        ("metrics.zh-CN.md", "| 指标 | 类型 | 标签 | 说明 |"): _without(metrics, 3),
        ("problems.md", "| type | status | when | what to do |"): problems,
        ("problems.zh-CN.md", "| type | 状态码 | 何时出现 | 怎么办 |"): _without(problems, 2),
    }


def _without(rows: Sequence[Row], column: int) -> Sequence[Row]:
    """The rows with this column written by hand."""
    return [(*row[:column], None, *row[column + 1 :]) for row in rows]


def endpoint_table(app: Flask) -> list[Row]:
    """Request, listener, scope (in parentheses: more with a key) and meaning of everything that `app` answers."""
    by_rule: dict[tuple[str, str], Endpoint] = {(one.method, one.path): one for _, one, _ in stated(app)}
    rows: list[Row] = []
    for method, path, listener, meaning in _rules(app):
        endpoint = by_rule.get((method, path))
        if endpoint is None:
            rows.append((f"`{method} {path}`", listener, "-", meaning))
        else:
            rows.append((_request(endpoint), listener, _scope(endpoint), f"{meaning}{_answer(endpoint)}"))
    families = ", ".join(f"`{family}`" for family in gateway_rules.FAMILIES)
    meaning = f"{inspect.getdoc(gateway.call_wechat)} Families: {families}. See [the gateway](gateway.md)."
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


def written(document: str, text: str) -> str:
    """The document's text with its tables as they should be."""
    for (name, header), rows in tables().items():
        if name != document:
            continue
        head = re.compile(rf"^{re.escape(header)}\n\|[-|]+\|\n((?:\|.*\n)*)", re.MULTILINE)
        [match] = head.finditer(text)
        text = text[: match.start(1)] + _merged(rows, match[1]) + text[match.end(1) :]
    return text


def cells(line: str) -> list[str]:
    """The cells of a table's line."""
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


def _merged(rows: Sequence[Row], present: str) -> str:
    """The rows, with the cells written by hand taken from the rows that are present; those of new rows are empty."""
    by_hand = {row[0]: row for row in map(cells, present.splitlines())}
    lines = []
    for row in rows:
        old = by_hand.get(row[0] or "", [])
        kept = [*old, *[""] * len(row)]
        lines.append(f"| {' | '.join(kept[n] if cell is None else cell for n, cell in enumerate(row))} |\n")
    return "".join(lines)


def documents() -> list[str]:
    """The names of the documents that have such tables."""
    return sorted({document for document, _ in tables()})


if __name__ == "__main__":
    for _name in documents():
        _file = DOCS / _name
        _file.write_text(written(_name, _file.read_text("utf-8")), "utf-8")
