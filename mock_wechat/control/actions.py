"""The control calls that read or change the mock's state: functions from the call's fields to its answer."""

from dataclasses import asdict
from typing import get_args
from urllib.parse import urlsplit

from ..fields import Fields, WrongField, address, count, flag, list_of, number, one_of, text
from ..state import State
from ..state.accounts import Account, known_account, read_account
from ..state.clock import MAX_SECONDS
from ..state.credentials import CREDENTIALS
from ..state.faults import Fault
from ..state.pushes import PushFault
from ..state.users import OpenidState, User
from ..state.words import Word
from .action import Action, without_fields
from .running import running_scenarios
from .verify import Signed, verify


def show_state(state: State, given: Fields) -> object:
    generations = given.may("generations", count, None)
    given.done()
    return {
        "now": state.clock(),
        "still": state.clock.still,
        "accounts": [_account(state, account, generations) for account in state.accounts.values()],
        "confirmations": state.confirmations.as_json(),
        "faults": [fault.as_json() for fault in state.faults.queue],
        "scenarios": running_scenarios(state),
        "last_ids": {"sent": state.sent.last_id, "messages": state.messages.last_id},
        "server": _server(state),
    }


def _server(state: State) -> str | None:
    """Where the developer's server is: the origin of the first push_url."""
    urls = (urlsplit(account.push_url) for account in state.accounts.values() if account.push_url)
    return next((f"{url.scheme}://{url.netloc.rpartition('@')[2]}" for url in urls), None)


def _account(state: State, account: Account, generations: int | None = None) -> dict[str, object]:
    now = state.clock()
    return {
        "appid": account.appid,
        "kind": account.kind,
        "js_domains": account.js_domains,
        "credentials": [issued.as_json(now) for issued in state.credentials.of(account.appid, generations)],
        "quotas": state.quotas.of(account.appid, now),
    }


def move_clock(state: State, given: Fields) -> object:
    """`set` or `advance` the clock; `still` stops it or lets it run."""
    still = given.may("still", flag, None)
    now = given.may("set", number(0, MAX_SECONDS), None)
    advance = given.may("advance", number(-MAX_SECONDS, MAX_SECONDS), None)
    given.done()
    if now is not None and advance is not None:
        raise WrongField("set", "give either advance or set, not both")
    if now is None and advance is None and still is None:
        raise WrongField("advance", "advance is missing")
    try:
        state.clock.set(state.clock() + (advance or 0) if now is None else now)
    except ValueError as problem:
        raise WrongField("advance", f"advance goes too far: {problem}") from None
    if still is not None:
        state.clock.set_still(still=still)
    return {"now": state.clock()}


def add_fault(state: State, given: Fields) -> object:
    fault = Fault.read(given)
    state.faults.queue.append(fault)
    return fault.as_json()


def show_calls(state: State, given: Fields) -> object:
    path = given.may("path", text, None)
    after = given.may("after", count, 0)
    newest = given.may("newest", count, None)
    given.done()
    calls = state.calls.find(path, after=after, newest=newest)
    ids = {"first_id": state.calls.first_id, "last_id": state.calls.last_id}
    return {"calls": calls, **ids}


def check_signature(state: State, given: Fields) -> object:
    signed = Signed(*(given.need(name, text) for name in ("appid", "timestamp", "nonceStr", "signature", "url")))
    given.done()
    return verify(state, signed)


def set_words(state: State, given: Fields) -> object:
    words = given.need("words", list_of(Word.read))
    given.done()
    state.words = words
    return {"words": [word.as_json() for word in words]}


def set_account(state: State, given: Fields) -> object:
    account = read_account(given, state.accounts)
    state.accounts[account.appid] = account
    return _account(state, account)


def confirm(state: State, given: Fields) -> object:
    account = known_account(state.accounts, given)
    ip = given.need("ip", address)
    answer = given.need("answer", one_of("allow", "refuse"))
    given.done()
    state.confirmations.answer(account.appid, ip, allow=answer == "allow", now=state.clock())
    return {"appid": account.appid, "ip": ip, "answer": answer}


def revoke(state: State, given: Fields) -> object:
    account = known_account(state.accounts, given)
    credential = given.need("credential", one_of(*CREDENTIALS))
    given.done()
    successor = state.credentials.revoke(account, credential, state.clock())
    return {"appid": account.appid, "credential": credential, "generation": successor.generation}


def show_pushes(state: State, given: Fields) -> object:
    trace_id = given.may("trace_id", text, None)
    given.done()
    waiting = [
        {"trace_id": check.trace_id, "appid": check.appid, "due_at": check.due_at}
        for check in state.push_queue.waiting
        if trace_id in (None, check.trace_id)
    ]
    return {"pushes": state.push_queue.pushes_of(trace_id), "waiting": waiting}


def add_push_fault(state: State, given: Fields) -> object:
    fault = PushFault.read(given)
    state.push_queue.faults.append(fault)
    return fault.as_json()


def show_users(state: State) -> object:
    return {"users": [_user(state, user) for user in state.users.people.values()]}


def set_user(state: State, given: Fields) -> object:
    """Add or change a user; `holds_phone` makes their phone open the authorize page."""
    name = given.need("name", text)
    known = state.users.people.get(name) or User(name, name, "13800000000")
    holds_phone = given.may("holds_phone", flag, False)
    user = given.build(User, known)
    state.users.put(user, holds_phone=holds_phone)
    return _user(state, user)


def _user(state: State, user: User) -> dict[str, object]:
    openids = {}
    for account in state.accounts.values():
        openid = user.openid(account.appid)
        known = state.users.state(account, openid, state.accounts, state.clock())
        openids[account.appid] = {"openid": openid, "state": known}
    holds_phone = user.name == state.users.holder.name
    return asdict(user) | {"unionid": user.unionid, "holds_phone": holds_phone, "openids": openids}


def set_openid(state: State, given: Fields) -> object:
    """Declare the state of an openid, a user's or an invented one, at an account."""
    account = known_account(state.accounts, given)
    openid = given.need("openid", text)
    declared = given.need("state", one_of(*get_args(OpenidState)))
    given.done()
    state.users.declare(account.appid, openid, declared)
    return {"appid": account.appid, "openid": openid, "state": declared}


ACTIONS: dict[str, dict[str, Action]] = {
    "/reset": {"POST": without_fields(State.reset)},
    "/state": {"GET": show_state},
    "/clock": {"POST": move_clock},
    "/faults": {
        "GET": without_fields(lambda state: {"faults": [fault.as_json() for fault in state.faults.queue]}),
        "POST": add_fault,
        "DELETE": without_fields(lambda state: state.faults.forget()),
    },
    "/calls": {"GET": show_calls, "DELETE": without_fields(lambda state: state.calls.forget())},
    "/verify": {"GET": check_signature},
    "/words": {
        "GET": without_fields(lambda state: {"words": [word.as_json() for word in state.words]}),
        "POST": set_words,
    },
    "/accounts": {"POST": set_account},
    "/confirm": {"POST": confirm},
    "/revoke": {"POST": revoke},
    "/users": {"GET": without_fields(show_users), "POST": set_user},
    "/openids": {"POST": set_openid},
    "/push/faults": {
        "GET": without_fields(lambda state: {"faults": [fault.as_json() for fault in state.push_queue.faults]}),
        "POST": add_push_fault,
        "DELETE": without_fields(lambda state: state.push_queue.faults.clear()),
    },
    "/pushes": {"GET": show_pushes},
}
