"""What the control plane can do: one function per control call, from its fields to its answer."""

from collections.abc import Callable

from .accounts import Account, read_account
from .api import ENDPOINTS
from .clock import LAST_SECOND
from .credentials import CREDENTIALS
from .faults import Fault
from .fields import Fields, WrongField, address, list_of, number, one_of, text
from .state import State
from .verify import Signed, verify
from .words import Word

Steer = Callable[[State, Fields], object]


def reset(state: State, given: Fields) -> object:
    given.done()
    state.reset()
    return {}


def show_state(state: State, given: Fields) -> object:
    given.done()
    return {
        "now": state.clock(),
        "accounts": [_account_as_json(state, account) for account in state.accounts.values()],
        "faults": [fault.as_json() for fault in state.faults.pending()],
    }


def move_clock(state: State, given: Fields) -> object:
    if given.has("set") and given.has("advance"):
        raise WrongField("set", "give either advance or set, not both")
    if given.has("set"):
        now = given.need("set", number(0, LAST_SECOND))
    else:
        now = state.clock() + given.need("advance", number(-LAST_SECOND, LAST_SECOND))
    given.done()
    try:
        state.clock.set(now)
    except ValueError as problem:
        raise WrongField("advance", f"advance goes too far: {problem}") from None
    return {"now": state.clock()}


def add_fault(state: State, given: Fields) -> object:
    fault = Fault.read(given, ENDPOINTS)
    state.faults.add(fault)
    return fault.as_json()


def show_faults(state: State, given: Fields) -> object:
    given.done()
    return {"faults": [fault.as_json() for fault in state.faults.pending()]}


def forget_faults(state: State, given: Fields) -> object:
    given.done()
    state.faults.forget()
    return {}


def show_calls(state: State, given: Fields) -> object:
    path = given.may("path", text, None)
    given.done()
    return {"calls": [call.as_json() for call in state.calls.to(path)]}


def forget_calls(state: State, given: Fields) -> object:
    given.done()
    state.calls.forget()
    return {}


def check_signature(state: State, given: Fields) -> object:
    names = ("appid", "timestamp", "nonceStr", "signature", "url")
    signed = Signed(*(given.need(name, text) for name in names))
    given.done()
    return verify(state, signed)


def show_words(state: State, given: Fields) -> object:
    given.done()
    return {"words": [word.as_json() for word in state.words]}


def set_words(state: State, given: Fields) -> object:
    words = given.need("words", list_of(Word.read))
    given.done()
    state.words = words
    return {"words": [word.as_json() for word in words]}


def set_account(state: State, given: Fields) -> object:
    account = read_account(given, state.accounts)
    given.done()
    state.accounts[account.appid] = account
    return _account_as_json(state, account)


def confirm(state: State, given: Fields) -> object:
    account = _known_account(state, given)
    ip = given.need("ip", address)
    answer = given.need("answer", one_of("allow", "refuse"))
    given.done()
    state.administrator.answer(account.appid, ip, allow=answer == "allow", now=state.clock())
    return {"appid": account.appid, "ip": ip, "answer": answer}


def revoke(state: State, given: Fields) -> object:
    account = _known_account(state, given)
    credential = given.need("credential", one_of(*CREDENTIALS))
    given.done()
    successor = state.vault.revoke(account, credential, state.clock())
    return {"appid": account.appid, "credential": credential, "generation": successor.generation}


TABLE: dict[str, dict[str, Steer]] = {
    "/reset": {"POST": reset},
    "/state": {"GET": show_state},
    "/clock": {"POST": move_clock},
    "/faults": {"GET": show_faults, "POST": add_fault, "DELETE": forget_faults},
    "/calls": {"GET": show_calls, "DELETE": forget_calls},
    "/verify": {"GET": check_signature},
    "/words": {"GET": show_words, "POST": set_words},
    "/accounts": {"POST": set_account},
    "/confirm": {"POST": confirm},
    "/revoke": {"POST": revoke},
}


def _known_account(state: State, given: Fields) -> Account:
    appid = given.need("appid", text)
    if appid not in state.accounts:
        raise WrongField("appid", f"appid {appid} is none of {', '.join(state.accounts)}")
    return state.accounts[appid]


def _account_as_json(state: State, account: Account) -> dict[str, object]:
    now = state.clock()
    return {
        "appid": account.appid,
        "kind": account.kind,
        "js_domains": account.js_domains,
        "credentials": [issued.as_json(now) for issued in state.vault.of(account.appid)],
        "quotas": state.quotas.of(account.appid, now),
    }
