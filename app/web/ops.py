"""What the console shows and does: the state of everything, retry, refresh, doctor."""

import os
import socket
from dataclasses import asdict
from typing import Any

from ..accounts import Account, ApiKey
from ..errors import DoctorBusy, StoreUnavailable
from ..metrics import CALLS, GATEWAY_CALLS, PLACES, WORKERS
from ..ops import repairs
from ..ops.doctor import Verdict, examine
from ..ops.readiness import readiness
from . import audit, auth
from .current import current_services
from .endpoint import Endpoint, Endpoints
from .problems import FROM_WECHAT
from .reading import ParameterWrong
from .schemas.ops import Examined, OfOneAccount, Refreshed, RefreshNow, Retried, Status

_DOCTOR_APART_SECONDS = 10.0
"""between the starts of two examinations, on all nodes together: each asks WeChat for every credential"""
_DOCTOR_SECONDS = 20.0
"""no check begins after this time"""

blueprint = Endpoints("ops", __name__, listener="internal", tag="Operations")


@blueprint.view(Endpoint("GET", "/api/ops/status", {200: Status}, scope="ops"))
def get_status(key: ApiKey) -> dict[str, Any]:
    """What `/console.html` shows.

    Never calls WeChat. The accounts of the key: credentials, cooldowns and the last 100 events. A key for all accounts
    also sees calls and places: what all worker processes of this listener on this node have counted.
    """
    services = current_services()
    state = readiness(services, auth.allowed_accounts(key))
    document = {
        "status": state.status,
        "now": services.clock(),
        "host": socket.gethostname(),
        "pid": os.getpid(),
        "listener": services.settings.listener,
        "mock": services.mock_url,
        "store": state.store,
        "store_hint": state.store_hint,
        "accounts": [{**one, "events": _events(one["appid"])} for one in state.accounts],
    }
    return document if key.accounts is not None else {**document, **_counted()}


@blueprint.view(
    Endpoint("POST", "/api/ops/retry", {200: Retried}, scope="ops", body=OfOneAccount, problems=(StoreUnavailable,))
)
def post_retry(key: ApiKey, given: OfOneAccount) -> Retried:
    """End an account's cooldowns.

    Fetches nothing by itself: the server asks WeChat again once it needs to, at the latest within a minute.
    """
    account = _account(key, given.account)
    audit.record("ops: retry", key, account.appid)
    repairs.retry(current_services(), account, by=key.name)
    return Retried(account=account.name)


@blueprint.view(
    Endpoint("POST", "/api/ops/refresh", {200: Refreshed}, scope="ops", body=RefreshNow, problems=FROM_WECHAT)
)
def post_refresh(key: ApiKey, given: RefreshNow) -> Refreshed:
    """Fetch a credential from WeChat now.

    A fetch that is under way counts. During a cooldown WeChat is not asked: repair its cause, then `/api/ops/retry`.
    With `force` WeChat revokes the current access_token at once for all its users.
    """
    services, account = current_services(), _account(key, given.account)
    if objection := repairs.objection(services.for_account(account), given.credential, force=given.force):
        raise ParameterWrong(objection)
    audit.record("ops: forced refresh" if given.force else "ops: refresh", key, account.appid)
    credential, same = repairs.refresh(services, account, given.credential, by=key.name, force=given.force)
    return Refreshed(
        account=account.name,
        credential=given.credential,
        generation=credential.generation,
        same_value=same,
        remaining_seconds=max(0, int(credential.expires_at - services.clock())),
    )


@blueprint.view(
    Endpoint("POST", "/api/ops/doctor", {200: Examined}, scope="ops", problems=(DoctorBusy, StoreUnavailable))
)
def post_doctor(key: ApiKey) -> dict[str, Any]:
    """Check everything, and say what to do.

    Settings, store, DNS, TLS, clock, whether WeChat gives each credential (without harm to the current one), and
    whether the JS domains serve their files. At most every 10 s, for at most 20 s and the check that runs then. The
    key must be for all accounts.
    """
    auth.require_all_accounts(key)
    services = current_services()
    if not services.store.add("ops:doctor", "", _DOCTOR_APART_SECONDS):
        raise DoctorBusy
    audit.record("ops: doctor", key, "-")
    until, findings, complete = services.clock() + _DOCTOR_SECONDS, [], True
    for finding in examine(services, in_server=True):
        findings.append(asdict(finding) | {"verdict": finding.verdict.value})
        if services.clock() >= until:
            complete = False
            break
    failed = any(one["verdict"] == Verdict.FAILED.value for one in findings)
    return {"well": complete and not failed, "complete": complete, "findings": findings}


def _account(key: ApiKey, name: str) -> Account:
    return auth.chosen_account(key, name, current_services().accounts.first)


def _events(appid: str) -> list[dict[str, Any]]:
    try:
        return current_services().events.last(appid)
    except StoreUnavailable:  # the status says so
        return []


def _counted() -> dict[str, Any]:
    """Calls and places, from the metrics."""
    gateway, wechat, places, workers = current_services().meters.counted(GATEWAY_CALLS, CALLS, PLACES, WORKERS)
    return {
        "gateway_calls": [{**labels, "calls": calls} for labels, calls in gateway],
        "wechat_calls": [{**labels, "calls": calls} for labels, calls in wechat],
        "places": {labels["state"]: number for labels, number in places},
        "workers": sum(number for _, number in workers),
    }
