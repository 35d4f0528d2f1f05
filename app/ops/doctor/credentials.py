"""Does WeChat, or in central mode the central server, give us the credentials of an account?"""

import math
from collections.abc import Callable, Iterator

from ...errors import CentralServerError, WeChatError
from ...services import AccountServices, Services
from ...stores import Credential, State
from .explaining import advice
from .findings import Finding, Verdict


def check_credentials(account_services: AccountServices, services: Services) -> Iterator[Finding]:
    """The access_token, and for an official account the jsapi_ticket, which shows that WeChat takes the token."""
    name = account_services.account.name
    if _would_do_harm(account_services, services):
        yield Finding(name, "access_token", Verdict.SKIPPED, "asking would replace the one that the server has")
        return
    token = _checked(
        account_services, "access_token", lambda: _access_token(account_services, services), services.clock
    )
    yield token
    central = account_services.account.token_mode == "central"  # noqa: S105 -- a mode
    if (
        account_services.jsapi_ticket
        and token.verdict is Verdict.FAILED
        and not central
        and not _has_token(account_services, services)
    ):
        yield Finding(name, "jsapi_ticket", Verdict.SKIPPED, "needs an access_token, and none is valid")
    elif account_services.jsapi_ticket:
        yield _checked(account_services, "jsapi_ticket", account_services.jsapi_ticket.renew, services.clock)


def _would_do_harm(account_services: AccountServices, services: Services) -> bool:
    return account_services.account.token_mode == "classic" and services.settings.store_url == "memory://"  # noqa: S105 -- a mode


def _has_token(account_services: AccountServices, services: Services) -> bool:
    stored = account_services.access_token.peek()
    return stored is not None and stored.state(services.clock()) is not State.EXPIRED


def _access_token(account_services: AccountServices, services: Services) -> Credential:
    """Confirmed by WeChat just now. A classic one that is still good stays, and a stable one is asked for in its place.

    Neither of the two kinds ends the other (WECHAT.md 1.2), and both want the same AppID, secret and address.
    """
    stored = account_services.access_token.peek()
    fresh = stored is not None and stored.state(services.clock()) is State.FRESH
    if stored and fresh and account_services.account.token_mode == "classic":  # noqa: S105 -- a mode
        account_services.client.stable_token()
        return stored
    return account_services.access_token.renew()


def _checked(
    account_services: AccountServices, check: str, ask: Callable[[], Credential], clock: Callable[[], float]
) -> Finding:
    try:
        credential = ask()
    except CentralServerError as error:
        known = advice(error, account_services.account) if isinstance(error, WeChatError) else None
        wait = f" (asked again in {math.ceil(error.retry_after)} s at the earliest)" if error.retry_after else ""
        return Finding(account_services.account.name, check, Verdict.FAILED, f"{error}{wait}", known)
    left = credential.expires_at - clock()
    return Finding(
        account_services.account.name, check, Verdict.OK, f"generation {credential.generation}, {left:.0f} s left"
    )
