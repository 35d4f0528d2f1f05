"""For monitoring: is the server alive and ready, in what state is each account, and Prometheus metrics."""

from typing import Any

from flask import Response
from pydantic import BaseModel

from ..accounts import ApiKey
from ..errors import StoreUnavailable
from ..metrics import CONTENT_TYPE, StoreCollector
from ..ops.readiness import readiness
from ..version import __version__
from . import auth, schemas
from .current import current_services
from .endpoint import Endpoint, Endpoints, json_answer
from .schemas.ops import Alive, OneAccount, Unready

_READY: dict[int, type[BaseModel]] = {200: schemas.ops.Readiness, 503: Unready}
_METRICS = {"description": "Prometheus's text format.", "content": {CONTENT_TYPE: {"schema": {"type": "string"}}}}

blueprint = Endpoints("monitoring", __name__, listener="both", tag="Monitoring")


@blueprint.view(Endpoint("GET", "/healthz", {200: Alive}))
def healthz() -> Alive:
    """The process is alive. Nothing else is checked."""
    return Alive(status="ok")


@blueprint.view(
    Endpoint("GET", "/readyz", _READY, scope="ops", key_optional=True, query=OneAccount, problems=(StoreUnavailable,))
)
def readyz(given: OneAccount) -> dict[str, Any] | Response:
    """Whether the server can serve.

    Never calls WeChat. With a key: a mock in place of WeChat, why the store fails, each account's credentials and
    cooldowns.
    """
    services = current_services()
    key = auth.require("ops") if given.account or auth.has_authorization() else None
    if key is None:  # probes ask often, and without a key: no account is read
        accounts = []
    elif given.account:
        accounts = [auth.chosen_account(key, given.account, services.accounts.first)]
    else:
        accounts = auth.allowed_accounts(key)
    state = readiness(services, accounts)
    if key is None:
        if not state.usable:
            raise StoreUnavailable("The store does not answer, and nothing is left in memory.")
        return {"status": state.status}
    facts = {"version": __version__, "mock": services.mock_url, "store": state.store, "store_hint": state.store_hint}
    document = {"status": state.status, **facts, "accounts": state.accounts}
    response = json_answer(document, 200 if state.usable else 503)
    if not state.usable:
        response.headers["Retry-After"] = "1"
    return response


@blueprint.view(Endpoint("GET", "/metrics", {200: _METRICS}, scope="ops"))
def metrics(key: ApiKey) -> Response:
    """Metrics for Prometheus.

    What all worker processes of this listener have counted, and what the store holds. The key must be for all
    accounts.
    """
    auth.require_all_accounts(key)
    services = current_services()
    in_store = StoreCollector(services.by_appid.values(), lambda: services.store.check() is None)
    response = Response(services.meters.text(in_store), content_type=CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response
