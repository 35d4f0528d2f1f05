"""The door for Prometheus: numbers for this machine, and for callers with an `ops` key."""

from flask import Blueprint, Response

from ..metrics import CONTENT_TYPE, StoreCollector
from ..services import current_services
from . import access

blueprint = Blueprint("metrics", __name__)


@blueprint.get("/metrics")
def metrics() -> Response:
    """What all worker processes of this listener have counted, and what the store knows."""
    if not access.on_this_machine():
        access.require_all_accounts("ops")
    services = current_services()
    in_store = StoreCollector(services.by_appid.values(), lambda: services.shelf.look() is None)
    response = Response(services.meters.text(in_store), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
