"""The description of all doors for programs (OpenAPI 3.1), and what the page that shows it needs."""

import re
from pathlib import Path

import flask_swagger_ui  # type: ignore[import-untyped] # it is two constants and files
from flask import Blueprint, Response, abort, current_app, send_from_directory

from ..answers import json_answer
from .document import document

SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"

_SERVED = ("swagger-ui-bundle.js", "swagger-ui.css")

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """What this listener opens, as OpenAPI has it."""
    return json_answer(document(_opened()))


@blueprint.get("/swagger-ui/<name>")
def swagger_ui(name: str) -> Response:
    """Swagger UI, with which the page shows the document."""
    if name not in _SERVED:
        abort(404)
    return send_from_directory(SWAGGER_UI, name)


@blueprint.after_request
def _as_it_says(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _opened() -> set[tuple[str, str]]:
    return {
        (method.lower(), re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule))
        for rule in current_app.url_map.iter_rules()
        for method in rule.methods or ()
    }
