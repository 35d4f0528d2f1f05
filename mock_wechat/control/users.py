"""Control calls for users, their openids, and the codes that their phones get."""

from typing import get_args

from ..fields import Fields, WrongField, flag, one_of, text
from ..state import State
from ..state.accounts import Kind, known_account
from ..state.logins import SCOPES, CodeKind
from ..state.users import OpenidState, User

CODES_OF: dict[CodeKind, Kind] = {"oauth": "official", "js": "mini", "phone": "mini"}
"""The kind of account for each kind of code."""


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
    return user.as_json() | {"holds_phone": user.name == state.users.holder.name, "openids": openids}


def set_openid(state: State, given: Fields) -> object:
    """Declare the state of an openid, a user's or an invented one, at an account."""
    account = known_account(state.accounts, given)
    openid = given.need("openid", text)
    declared = given.need("state", one_of(*get_args(OpenidState)))
    given.done()
    state.users.declare(account.appid, openid, declared)
    return {"appid": account.appid, "openid": openid, "state": declared}


def issue_code(state: State, given: Fields) -> dict[str, str]:
    """A code as a phone gets it, for the phone holder or the user with this openid."""
    account = known_account(state.accounts, given)
    kind = given.need("kind", one_of(*CODES_OF))
    if account.kind != CODES_OF[kind]:
        raise WrongField("kind", f"kind {kind} is for {CODES_OF[kind]} accounts; {account.appid} is {account.kind}")
    openid = given.may("openid", text, state.users.holder.openid(account.appid))
    user = state.users.person(account.appid, openid)
    if user is None:
        raise WrongField("openid", f"no user of {account.appid} has the openid {openid}: see GET /_mock/users")
    scope = given.may("scope", one_of(*SCOPES), SCOPES[0])
    snapshot = given.may("snapshot", flag, False)
    given.done()
    code = state.codes.issue(kind, account.appid, user, state.clock(), scope, snapshot=snapshot)
    return {"code": code.value, "kind": kind, "appid": account.appid, "openid": openid}
