"""`/openapi.json`, generated from the endpoints and their models, and Swagger UI, which shows it."""

from pathlib import Path

import flask_swagger_ui  # type: ignore[import-untyped] # it is two constants and files
from flask import Response, abort, current_app, send_from_directory

from ..endpoint import Endpoints, json_answer
from .document import document

SWAGGER_UI = Path(flask_swagger_ui.__file__).parent / "dist"

_SERVED = ("swagger-ui-bundle.js", "swagger-ui.css")
_DOCUMENT = "wechat_openapi"

blueprint = Endpoints("openapi", __name__, listener="both")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The endpoints of this listener, as an OpenAPI 3.1 document."""
    known = current_app.extensions
    if _DOCUMENT not in known:
        known[_DOCUMENT] = document(current_app)
    return json_answer(known[_DOCUMENT])


@blueprint.get("/swagger-ui/<name>")
def swagger_ui(name: str) -> Response:
    """Swagger UI, with which `/api.html` shows the document."""
    if name not in _SERVED:
        abort(404)
    return send_from_directory(SWAGGER_UI, name)


@blueprint.after_request
def _no_sniffing(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
