"""The control calls that give what phones send when users log in: codes, and a mini program's user data."""

import hashlib
import json
from base64 import b64decode, b64encode

from .. import crypto
from ..fields import Fields, WrongField, flag, one_of, text
from ..state import State
from ..state.accounts import Account, Kind, known_account
from ..state.logins import SCOPES, CodeKind
from ..state.users import User
from ..wire import compact
from .action import Action

CODES_OF: dict[CodeKind, tuple[Kind, ...]] = {"oauth": ("official", "web"), "js": ("mini",), "phone": ("mini",)}
"""The kinds of account for each kind of code."""


def issue_code(state: State, given: Fields) -> dict[str, str]:
    """A code as a phone gets it, for the phone holder or the user with this openid."""
    account = known_account(state.accounts, given)
    kind = given.need("kind", one_of(*CODES_OF))
    if account.kind not in CODES_OF[kind]:
        kinds = " or ".join(CODES_OF[kind])
        raise WrongField("kind", f"kind {kind} is for {kinds} accounts; {account.appid} is {account.kind}")
    user = _user(state, account, given)
    scopes = SCOPES.get(account.kind, SCOPES["official"])
    scope = given.may("scope", one_of(*scopes), scopes[0])
    snapshot = given.may("snapshot", flag, False)
    given.done()
    code = state.codes.issue(kind, account.appid, user, state.clock(), scope, snapshot=snapshot)
    return {"code": code.value, "kind": kind, "appid": account.appid, "openid": user.openid(account.appid)}


def user_data(state: State, given: Fields) -> dict[str, str]:
    """What wx.getUserProfile() gives for a user who is logged in: rawData, and more in encryptedData.

    `data` replaces fields in encryptedData. Raises MissingExtra without `cryptography`.
    """
    account = known_account(state.accounts, given)
    user = _user(state, account, given)
    data = given.may("data", _object, {})
    given.done()
    session_key = state.sessions.key(account.appid, user.openid(account.appid))
    if session_key is None:
        raise WrongField("openid", f"{user.name} is not logged in to {account.appid}: exchange a js code first")
    blank = {"gender": 0, "language": "", "city": "", "province": "", "country": ""}
    raw = compact({"nickName": user.nickname, **blank, "avatarUrl": user.headimgurl})
    ids = {"openId": user.openid(account.appid)} | ({"unionId": user.unionid} if account.open_platform else {})
    watermark = {"timestamp": int(state.clock()), "appid": account.appid}
    secret = compact(ids | json.loads(raw) | {"watermark": watermark} | data)
    iv = state.random.randbytes(16)
    return {
        "rawData": raw,
        "signature": raw_signature(raw, session_key),
        "encryptedData": encrypted(secret, session_key, iv),
        "iv": b64encode(iv).decode(),
    }


def raw_signature(raw: str, session_key: str) -> str:
    """The signature of rawData (document 服务端获取开放数据)."""
    return hashlib.sha1((raw + session_key).encode()).hexdigest()  # noqa: S324 -- WeChat's signature is SHA-1


def encrypted(plain: str, session_key: str, iv: bytes) -> str:
    """The encryptedData of a text. Raises MissingExtra without `cryptography`."""
    return b64encode(crypto.encrypt_user_data(plain.encode(), b64decode(session_key), iv)).decode()


def _user(state: State, account: Account, given: Fields) -> User:
    """The user of the field `openid`, else the phone holder. Raises WrongField."""
    openid = given.may("openid", text, state.users.holder.openid(account.appid))
    user = state.users.person(account.appid, openid)
    if user is None:
        raise WrongField("openid", f"no user of {account.appid} has the openid {openid}: see GET /_mock/users")
    return user


def _object(given: object) -> dict[str, object]:
    if not isinstance(given, dict):
        raise TypeError("must be a JSON object")
    return given


ACTIONS: dict[str, dict[str, Action]] = {"/codes": {"POST": issue_code}, "/user_data": {"POST": user_data}}
