"""Mini program users for other business servers: login, phone number, encrypted data; the session_key stays here."""

from ..accounts import Account, ApiKey
from ..errors import AccountKindWrong, ChecksBusy, CodeRefused, NotConfigured, StoreUnavailable
from ..login import CodeLost, DecryptionFailed, MiniProgram, Session, Sessions, UnknownSession, decrypted, signature
from . import auth
from .current import current_services
from .endpoint import Endpoint, Endpoints
from .problems import FROM_WECHAT
from .schemas.session import (
    Decrypted,
    EncryptedData,
    LoginCode,
    NewSession,
    OfSession,
    PhoneCode,
    PhoneNumber,
    SignedText,
    User,
    UserSignature,
)

_OF_CODE = (*FROM_WECHAT, AccountKindWrong, CodeRefused, CodeLost, ChecksBusy)
_OF_SESSION = (UnknownSession, NotConfigured, StoreUnavailable)
_AT_WECHAT = (*FROM_WECHAT, *_OF_SESSION, ChecksBusy)

blueprint = Endpoints("session", __name__, listener="internal", tag="Mini program login")


@blueprint.view(
    Endpoint(
        "POST", "/api/session", {200: NewSession}, scope="session", body=LoginCode, problems=(*_OF_CODE, NotConfigured)
    )
)
def log_in(key: ApiKey, given: LoginCode) -> NewSession:
    """Log a user in with a code of `wx.login`.

    The code is exchanged once. After `/problems/code-lost` the page gets a new one; do not send the same one again.
    """
    sessions, account = _sessions(), _account(key, given.account)
    user = _mini_program(account).log_in(given.code)
    handle = sessions.start(key.id, account.appid, user)
    return NewSession(session=handle, openid=user.openid, unionid=user.unionid)


@blueprint.view(
    Endpoint("POST", "/api/session/phone", {200: PhoneNumber}, scope="session", body=PhoneCode, problems=_OF_CODE)
)
def phone(key: ApiKey, given: PhoneCode) -> PhoneNumber:
    """The phone number of a code of the phone number button (手机号快速验证). WeChat charges for each code."""
    return PhoneNumber(**_mini_program(_account(key, given.account)).phone_number(given.code))


@blueprint.view(
    Endpoint(
        "POST",
        "/api/session/decrypt",
        {200: Decrypted},
        scope="session",
        body=EncryptedData,
        problems=(*_OF_SESSION, DecryptionFailed),
    )
)
def decrypt(key: ApiKey, given: EncryptedData) -> Decrypted:
    """Decrypt user data (加密数据) that the page got.

    The session's key and the one before are tried, and `watermark.appid` must be the session's account. Every failure
    is the same problem.
    """
    session = _session(key, given)
    return Decrypted(
        data=decrypted(session.session_key, session.previous_key, session.appid, given.encryptedData, given.iv)
    )


@blueprint.view(
    Endpoint("POST", "/api/session/sign", {200: UserSignature}, scope="session", body=SignedText, problems=_OF_SESSION)
)
def sign(key: ApiKey, given: SignedText) -> UserSignature:
    """Sign a text with the user's session_key (用户登录态签名), as virtual payment needs it."""
    return UserSignature(signature=signature(_session(key, given).session_key, given.data))


@blueprint.view(
    Endpoint("POST", "/api/session/check", {200: User}, scope="session", body=OfSession, problems=_AT_WECHAT)
)
def check(key: ApiKey, given: OfSession) -> User:
    """Ask WeChat whether the user's session_key is still good (检验登录态). If not, the user's sessions end."""
    session = _session(key, given)
    if not _mini_program_of(session).accepts_key(session):
        _sessions().end(session)
        raise UnknownSession
    return User(openid=session.openid, unionid=session.unionid)


@blueprint.view(
    Endpoint("POST", "/api/session/reset", {200: User}, scope="session", body=OfSession, problems=_AT_WECHAT)
)
def reset(key: ApiKey, given: OfSession) -> User:
    """Have WeChat replace the user's session_key (重置登录态). Data that was encrypted before can still be opened."""
    session = _session(key, given)
    new_key = _mini_program_of(session).new_key(session)
    if new_key is None:
        _sessions().end(session)
        raise UnknownSession
    _sessions().change_key(session, new_key)
    return User(openid=session.openid, unionid=session.unionid)


def _account(key: ApiKey, name: str | None) -> Account:
    return auth.chosen_account(key, name, lambda: current_services().accounts.first("mini"))


def _mini_program(account: Account) -> MiniProgram:
    mini_program = current_services().for_account(account).mini_program
    if mini_program is None:
        raise AccountKindWrong(f"The account {account.name} is no mini program: its users log in with /api/oauth.")
    return mini_program


def _mini_program_of(session: Session) -> MiniProgram:
    return _mini_program(current_services().accounts.find(session.appid))


def _session(key: ApiKey, given: OfSession) -> Session:
    """The session, if its account is still one of the key's. Raises UnknownSession or NotConfigured."""
    session = _sessions().open(key.id, given.session)
    if session.appid not in current_services().by_appid:
        raise UnknownSession
    auth.chosen_account(key, session.appid, current_services().accounts.first)
    return session


def _sessions() -> Sessions:
    sessions = current_services().sessions
    if sessions is None:
        raise NotConfigured("Set WECHAT_STORE_KEY or WECHAT_SECRET_KEY: what a login keeps is encrypted.")
    return sessions
