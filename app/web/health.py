"""For monitoring: is the server alive, is it ready, and in what state is each account?"""

from typing import Any

from flask import Response

from ..accounts import ApiKey
from ..errors import StoreUnavailable
from ..ops.readiness import Readiness, readiness
from ..services import current_services
from . import auth as access
from . import schemas
from .answers import json_answer
from .endpoint import Endpoint, Endpoints
from .schemas.ops import Alive, OneAccount, Unready

blueprint = Endpoints("health", __name__, listener="both", tag="Monitoring")


@blueprint.view(Endpoint("GET", "/healthz", {200: Alive}))
def healthz() -> Alive:
    """The process is alive. Nothing else is checked."""
    return Alive(status="ok")


@blueprint.view(
    Endpoint(
        "GET",
        "/readyz",
        {200: schemas.ops.Readiness, 503: Unready},
        scope="ops",
        key_optional=True,
        query=OneAccount,
        problems=(StoreUnavailable,),
    )
)
def readyz(given: OneAccount) -> dict[str, Any] | Response:
    """Whether the server can serve.

    Never calls WeChat. With a key: why the store fails, each account's credentials and cooldowns.
    """
    if given.account or access.has_authorization():
        return _details(access.require("ops"), given.account)
    state = readiness(current_services())
    if not state.usable:
        raise StoreUnavailable("The store does not answer, and nothing is left in memory.")
    return {"status": _status(state)}


def _details(key: ApiKey, name: str | None) -> Response:
    services = current_services()
    state = readiness(services, access.chosen_account(key, name, services.accounts.first) if name else None)
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
