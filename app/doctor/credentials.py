"""Does WeChat, or in central mode the central server, give us the credentials of an account?"""

import math
from collections.abc import Callable, Iterator

from ..credential import Credential, State
from ..exceptions import CentralServerError, WeChatError
from ..services import Desk, Services
from .explaining import advice
from .findings import Finding, Verdict


def check_credentials(desk: Desk, services: Services) -> Iterator[Finding]:
    """The access_token, and for an official account the jsapi_ticket, which shows that WeChat takes the token."""
    name = desk.account.name
    if _would_do_harm(desk, services):
        yield Finding(name, "access_token", Verdict.SKIPPED, "asking would replace the one that the server has")
        return
    token = _checked(desk, "access_token", lambda: _access_token(desk, services), services.clock)
    yield token
    central = desk.account.token_mode == "central"  # noqa: S105 -- a mode
    if desk.jsapi_ticket and token.verdict is Verdict.FAILED and not central and not _has_token(desk, services):
        yield Finding(name, "jsapi_ticket", Verdict.SKIPPED, "needs an access_token, and none is valid")
    elif desk.jsapi_ticket:
        yield _checked(desk, "jsapi_ticket", desk.jsapi_ticket.renew, services.clock)


def _would_do_harm(desk: Desk, services: Services) -> bool:
    return desk.account.token_mode == "classic" and services.settings.store_url == "memory://"  # noqa: S105 -- a mode


def _has_token(desk: Desk, services: Services) -> bool:
    stored = desk.access_token.peek()
    return stored is not None and stored.state(services.clock()) is not State.EXPIRED


def _access_token(desk: Desk, services: Services) -> Credential:
    """Confirmed by WeChat just now. A classic one that is still good stays, and a stable one is asked for in its place.

    Neither of the two kinds ends the other (WECHAT.md 1.2), and both want the same AppID, secret and address.
    """
    stored = desk.access_token.peek()
    fresh = stored is not None and stored.state(services.clock()) is State.FRESH
    if stored and fresh and desk.account.token_mode == "classic":  # noqa: S105 -- a mode
        desk.client.stable_token()
        return stored
    return desk.access_token.renew()


def _checked(desk: Desk, check: str, ask: Callable[[], Credential], clock: Callable[[], float]) -> Finding:
    try:
        credential = ask()
    except CentralServerError as error:
        known = advice(error, desk.account) if isinstance(error, WeChatError) else None
        wait = f" (asked again in {math.ceil(error.retry_after)} s at the earliest)" if error.retry_after else ""
        return Finding(desk.account.name, check, Verdict.FAILED, f"{error}{wait}", known)
    left = credential.expires_at - clock()
    return Finding(desk.account.name, check, Verdict.OK, f"generation {credential.generation}, {left:.0f} s left")
