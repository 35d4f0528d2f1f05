"""`/openapi.json`, generated from the endpoints and their models; `/api.html` shows it."""

from flask import Response, current_app

from ..endpoint import Endpoints, json_answer
from .document import document

_DOCUMENT = "wechat_openapi"

blueprint = Endpoints("openapi", __name__, listener="both")


@blueprint.get("/openapi.json")
def openapi() -> Response:
    """The endpoints of this listener, as an OpenAPI 3.1 document."""
    known = current_app.extensions
    if _DOCUMENT not in known:
        known[_DOCUMENT] = document(current_app)
    return json_answer(known[_DOCUMENT])


@blueprint.after_request
def _no_sniffing(response: Response) -> Response:
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
