"""Metrics for Prometheus: for this machine, and for callers with an `ops` key."""

from flask import Response

from ..metrics import CONTENT_TYPE, StoreCollector
from ..services import current_services
from . import auth as access
from .endpoint import Endpoint, Endpoints

blueprint = Endpoints("metrics", __name__, listener="both", tag="Monitoring")

_TEXT = {
    "description": "Prometheus's text format.",
    "content": {CONTENT_TYPE: {"schema": {"type": "string"}}},
}


@blueprint.view(Endpoint("GET", "/metrics", {200: _TEXT}, scope="ops", key_optional=True))
def metrics() -> Response:
    """Metrics for Prometheus.

    What all worker processes of this listener have counted, and what the store holds. Without a key from loopback
    only; a key must be for all accounts.
    """
    if not access.on_this_machine():
        access.require_all_accounts("ops")
    services = current_services()
    in_store = StoreCollector(services.by_appid.values(), lambda: services.store.check() is None)
    response = Response(services.meters.text(in_store), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
