"""For whoever watches the server: is it alive, is it ready, and in what state is each account?"""

from flask import Blueprint, Response

from ..accounts import ApiKey
from ..exceptions import StoreUnavailable
from ..readiness import Readiness, readiness
from ..services import current_services
from . import access, parameters
from .answers import json_answer

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """The process is alive. Asks nothing of anyone."""
    return json_answer({"status": "ok"})


@blueprint.get("/readyz")
def readyz() -> Response:
    """Whether process and store can serve; with an `ops` key also how each account is, or how one is."""
    given = parameters.query("account")
    if given or access.wants_to_be_known():
        return _details(access.require("ops"), given)
    state = readiness(current_services())
    if not state.usable:
        raise StoreUnavailable("The store does not answer, and nothing is left in memory.")
    return json_answer({"status": _status(state)})


def _details(key: ApiKey, given: dict[str, str]) -> Response:
    services = current_services()
    state = readiness(services, access.chosen_account(key, given, services.accounts.first) if given else None)
    accounts = [account for account in state.accounts if key.allows_account(account["account"])]
    document = {"status": _status(state), "store": state.store, "store_hint": state.store_hint, "accounts": accounts}
    answer = json_answer(document, 200 if state.usable else 503)
    if not state.usable:
        answer.headers["Retry-After"] = "1"
    return answer


def _status(state: Readiness) -> str:
    if not state.usable:
        return "unusable"
    return "degraded" if state.degraded else "ok"
