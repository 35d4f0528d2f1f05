"""Who uses the accounts, and the codes that their phones hand out."""

from ..accounts import Account, Kind
from ..codes import CODE_KINDS, SCOPES, CodeKind
from ..fields import Fields, WrongField, flag, one_of, text
from ..state import State
from ..users import OPENID_STATES, User
from .steer import known_account

GIVEN_BY: dict[CodeKind, Kind] = {"oauth": "official", "js": "mini", "phone": "mini"}
"""Which kind of account knows which kind of code."""


def show_users(state: State, given: Fields) -> object:
    given.done()
    return {"users": [_as_json(state, user) for user in state.users.everybody()]}


def set_user(state: State, given: Fields) -> object:
    """Adds somebody or changes what is given; `holds_phone` makes it their phone that opens the authorize page."""
    name = given.need("name", text)
    known = state.users.named(name) or User(name, name, "13800000000")
    details = {field: given.may(field, text, getattr(known, field)) for field in ("nickname", "phone", "headimgurl")}
    holds_phone = given.may("holds_phone", flag, False)
    given.done()
    user = User(name, **details)
    state.users.put(user)
    if holds_phone:
        state.users.holder = user
    return _as_json(state, user)


def set_openid(state: State, given: Fields) -> object:
    """Says what an openid, somebody's or an invented one, is to an account."""
    account = known_account(state, given)
    openid = given.need("openid", text)
    declared = given.need("state", one_of(*OPENID_STATES))
    given.done()
    state.users.declare(account.appid, openid, declared)
    return {"appid": account.appid, "openid": openid, "state": declared}


def issue_code(state: State, given: Fields) -> dict[str, str]:
    """A code as if a phone had just got it: the phone holder's, or that of the user with this openid."""
    account = known_account(state, given)
    kind = given.need("kind", one_of(*CODE_KINDS))
    if account.kind != GIVEN_BY[kind]:
        raise WrongField("kind", f"kind {kind} is for {GIVEN_BY[kind]} accounts, {account.appid} is another")
    user = _user(state, account, given)
    scope = given.may("scope", one_of(*SCOPES), SCOPES[0])
    snapshot = given.may("snapshot", flag, False)
    given.done()
    code = state.codes.issue(kind, account.appid, user, state.clock(), scope=scope, snapshot=snapshot)
    return {"code": code.value, "kind": kind, "appid": account.appid, "openid": user.openid(account.appid)}


def _user(state: State, account: Account, given: Fields) -> User:
    openid = given.may("openid", text, state.users.holder.openid(account.appid))
    user = state.users.person(account.appid, openid)
    if user is None:
        raise WrongField("openid", f"openid {openid} is nobody's at {account.appid}: see GET /_mock/users")
    return user


def _as_json(state: State, user: User) -> dict[str, object]:
    def at(account: Account) -> dict[str, object]:
        openid = user.openid(account.appid)
        return {"openid": openid, "state": state.users.state(account, openid, state.accounts, state.clock())}

    openids = {account.appid: at(account) for account in state.accounts.values()}
    return user.as_json() | {"holds_phone": user.name == state.users.holder.name, "openids": openids}
