"""For whoever watches the server: is it alive, is it ready, and in what state is each account?"""

from typing import Any

from flask import Blueprint, Response

from ..accounts import Account
from ..exceptions import StoreUnavailable
from ..keys import ApiKey
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
        return json_answer(_details(access.require("ops"), given))
    return json_answer({"status": _status(_readiness())})


@blueprint.after_request
def _not_to_be_cached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _details(key: ApiKey, given: dict[str, str]) -> dict[str, Any]:
    services = current_services()
    state = _readiness(access.chosen_account(key, given, services.accounts.first) if given else None)
    accounts = [account for account in state.accounts if key.allows_account(account["account"])]
    return {"status": _status(state), "store": state.store, "accounts": accounts}


def _readiness(account: Account | None = None) -> Readiness:
    state = readiness(current_services(), account)
    if not state.usable:
        raise StoreUnavailable("The store does not answer, and nothing is left in memory.")
    return state


def _status(state: Readiness) -> str:
    return "degraded" if state.degraded else "ok"
