"""Scenarios: named sets of faults and account settings."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from ..state import State
from ..state.accounts import Account
from ..state.faults import Fault
from ..state.quotas import LIMITS

NOWHERE = "192.0.2.1"
"""A documentation address, which no caller has (RFC 5737)."""
OTHER_SERVER_SECONDS = 60
TICKET_SECONDS = 60


@dataclass(frozen=True)
class Scenario:
    """A description in one sentence, and the function that applies it to one account, or to all (None)."""

    sentence: str
    apply: Callable[[State, str | None], None]


def _each(change: Callable[[State, Account], object]) -> Callable[[State, str | None], None]:
    """A scenario that makes the same change to each account."""

    def apply(state: State, appid: str | None) -> None:
        for account in list(state.accounts.values()):
            if appid in (None, account.appid):
                change(state, account)

    return apply


def _settings(**settings: object) -> Callable[[State, str | None], None]:
    """A scenario that changes settings of accounts."""

    def change(state: State, account: Account) -> None:
        state.accounts[account.appid] = replace(account, **settings)  # type: ignore[arg-type]  # fields of Account

    return _each(change)


def _faults(*paths: str, **effects: object) -> Callable[[State, str | None], None]:
    """A scenario that sets faults for all calls."""

    def apply(state: State, appid: str | None) -> None:
        for path in paths:
            fault = Fault(path, times=None, appid=appid, **effects)  # type: ignore[arg-type]  # fields of Fault
            state.faults.queue.append(fault)

    return apply


def _expire_tokens(state: State, account: Account) -> None:
    for credential in ("access_token", "stable_token"):
        state.credentials.expire(account.appid, credential, state.clock())


def _age_ticket(state: State, account: Account) -> None:
    if account.kind == "official":
        now = state.clock()
        state.credentials.ticket(account, "jsapi_ticket", now)
        end, grace = now + TICKET_SECONDS, account.ticket_grace_seconds
        state.credentials.expire(account.appid, "jsapi_ticket", end, grace=grace)


def _exhaust(state: State, account: Account) -> None:
    for path in {**LIMITS, **account.limits}:
        day = account.limit(path).day
        if day is not None:
            state.quotas.exhaust(account.appid, path, day, state.clock())


def _ask_administrator(state: State, account: Account) -> None:
    state.confirmations.forget_account(account.appid)
    state.accounts[account.appid] = replace(account, confirm_ip=True, ip_whitelist=None)


def _all_well(state: State, appid: str | None) -> None:
    state.faults.forget(appid)
    defaults = {"overlap_seconds": Account.overlap_seconds, "other_server_seconds": None}
    _settings(confirm_ip=False, ip_whitelist=None, **defaults)(state, appid)
    _each(lambda state, account: state.quotas.clear(account.appid))(state, appid)


SCENARIOS: Mapping[str, Scenario] = {
    "expired-token": Scenario(
        "Every token has just expired, earlier than announced: 42001 until a new one is fetched.", _each(_expire_tokens)
    ),
    "token-stolen": Scenario(
        "Another server fetches tokens, now and once a minute; each fetch ends yours: 40001.",
        _settings(other_server_seconds=OTHER_SERVER_SECONDS),
    ),
    "always-40001": Scenario(
        "The checks and getticket answer 40001 to every token, new ones included: no refresh helps.",
        _faults("/wxa/*", "/cgi-bin/ticket/getticket", errcode=40001),
    ),
    "quota-exhausted": Scenario(
        "All daily limits are used up: 45009 until midnight in Shanghai or clear_quota.", _each(_exhaust)
    ),
    "ip-not-whitelisted": Scenario(
        f"The IP whitelist has only {NOWHERE}: 40164 with the caller's address.", _settings(ip_whitelist=(NOWHERE,))
    ),
    "admin-confirmation": Scenario(
        "AppSecret calls need the administrator's consent: 89503, then 89501 until POST /_mock/confirm answers.",
        _each(_ask_administrator),
    ),
    "flaky": Scenario(
        "Every third call gets -1, system error, and is not processed.", _faults("*", errcode=-1, every=3)
    ),
    "slow": Scenario("Every answer takes two seconds.", _faults("*", delay_seconds=2)),
    "down": Scenario("Every connection is dropped before the call is processed.", _faults("*", drop="before")),
    "html-gateway-errors": Scenario(
        "A gateway answers instead of WeChat: HTTP 502 and an HTML page.", _faults("*", status=502)
    ),
    "sticky-ticket": Scenario(
        f"The jsapi_ticket has {TICKET_SECONDS} seconds left, while getticket still answers 7200.", _each(_age_ticket)
    ),
    "old-token-dies-at-once": Scenario(
        "A new access_token ends the old one immediately, without the usual five minutes of overlap.",
        _settings(overlap_seconds=0),
    ),
    "all-well": Scenario(
        "Removes the faults, settings and used-up quotas of all scenarios; keeps credentials, calls and clock.",
        _all_well,
    ),
}
