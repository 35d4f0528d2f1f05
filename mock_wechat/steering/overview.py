"""What the mock remembers, and forgetting it."""

from ..accounts import Account
from ..fields import Fields, count, text
from ..state import State


def reset(state: State, given: Fields) -> object:
    given.done()
    state.reset()
    return {}


def show_state(state: State, given: Fields) -> object:
    generations = given.may("generations", count, None)
    given.done()
    return {
        "now": state.clock(),
        "still": state.clock.still,
        "accounts": [account_as_json(state, account, generations) for account in state.accounts.values()],
        "confirmations": state.administrator.as_json(),
        "faults": [fault.as_json() for fault in state.faults.pending()],
    }


def show_calls(state: State, given: Fields) -> object:
    path = given.may("path", text, None)
    after = given.may("after", count, 0)
    newest = given.may("newest", count, None)
    given.done()
    calls = state.calls.to(path, after=after, newest=newest)
    return {
        "calls": [call.as_json() for call in calls],
        "first_id": state.calls.first_id,
        "last_id": state.calls.last_id,
    }


def forget_calls(state: State, given: Fields) -> object:
    given.done()
    state.calls.forget()
    return {}


def account_as_json(state: State, account: Account, generations: int | None = None) -> dict[str, object]:
    now = state.clock()
    return {
        "appid": account.appid,
        "kind": account.kind,
        "js_domains": account.js_domains,
        "credentials": [issued.as_json(now) for issued in state.vault.of(account.appid, generations)],
        "quotas": state.quotas.of(account.appid, now),
    }
