"""Scenarios: named sets of faults and account settings."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from ..state import State
from ..state.accounts import Account
from ..state.faults import Fault
from ..state.quotas import LIMITS

NOWHERE = "192.0.2.1"
"""A documentation address, which no caller has (RFC 5737)."""
OTHER_SERVER_SECONDS = 60
TICKET_SECONDS = 60
ALL_WELL = "all-well"

Change = Callable[[State, Account], object]


def _nothing(state: State, account: Account) -> None:
    """No change."""


@dataclass(frozen=True)
class Scenario:
    """A description in one sentence, and what it does: faults, settings of accounts, and a `change` to each account.

    `undo` reverses the change; `lasts` is whether it still has an effect on an account. A scenario without `lasts`,
    faults and settings is over at once.
    """

    sentence: str
    faults: Sequence[Fault] = ()
    settings: Mapping[str, object] = field(default_factory=dict)
    change: Change = _nothing
    undo: Change = _nothing
    lasts: Callable[[State, Account], bool] | None = None


def _faults(*paths: str, **effects: object) -> Sequence[Fault]:
    """A fault for all calls to each of these paths."""
    return [Fault(path, times=None, **effects) for path in paths]  # type: ignore[arg-type]  # fields of Fault


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


def _is_exhausted(state: State, account: Account) -> bool:
    return any(not quota["remain"] for quota in state.quotas.of(account.appid, state.clock()).values())


def _clear_quotas(state: State, account: Account) -> None:
    state.quotas.clear(account.appid)


def _forget_answers(state: State, account: Account) -> None:
    """The administrator is asked again."""
    state.confirmations.forget_account(account.appid)


SCENARIOS: Mapping[str, Scenario] = {
    ALL_WELL: Scenario(
        "Removes the faults, settings and used-up quotas of all scenarios; keeps credentials, calls and clock."
    ),
    "expired-token": Scenario(
        "Every token has just expired, earlier than announced: 42001 until a new one is fetched.", change=_expire_tokens
    ),
    "token-stolen": Scenario(
        "Another server fetches tokens, now and once a minute; each fetch ends yours: 40001.",
        settings={"other_server_seconds": OTHER_SERVER_SECONDS},
    ),
    "always-40001": Scenario(
        "The checks and getticket answer 40001 to every token, new ones included: no refresh helps.",
        faults=_faults("/wxa/*", "/cgi-bin/ticket/getticket", errcode=40001),
    ),
    "quota-exhausted": Scenario(
        "All daily limits are used up: 45009 until midnight in Shanghai or clear_quota.",
        change=_exhaust,
        undo=_clear_quotas,
        lasts=_is_exhausted,
    ),
    "ip-not-whitelisted": Scenario(
        f"The IP whitelist has only {NOWHERE}: 40164 with the caller's address.", settings={"ip_whitelist": (NOWHERE,)}
    ),
    "admin-confirmation": Scenario(
        "AppSecret calls need the administrator's consent: 89503, then 89501 until POST /_mock/confirm answers.",
        settings={"confirm_ip": True, "ip_whitelist": None},
        change=_forget_answers,
        undo=_forget_answers,
    ),
    "flaky": Scenario(
        "Every third call gets -1, system error, and is not processed.", faults=_faults("*", errcode=-1, every=3)
    ),
    "slow": Scenario("Every answer takes two seconds.", faults=_faults("*", delay_seconds=2)),
    "down": Scenario("Every connection is dropped before the call is processed.", faults=_faults("*", drop="before")),
    "html-gateway-errors": Scenario(
        "A gateway answers instead of WeChat: HTTP 502 and an HTML page.", faults=_faults("*", status=502)
    ),
    "sticky-ticket": Scenario(
        f"The jsapi_ticket has {TICKET_SECONDS} seconds left, while getticket still answers 7200.", change=_age_ticket
    ),
    "old-token-dies-at-once": Scenario(
        "A new access_token ends the old one immediately, without the usual five minutes of overlap.",
        settings={"overlap_seconds": 0},
    ),
}
