"""A mini program's calls to WeChat for its users: login, phone number, and checks of a session_key."""

import logging
import re
from typing import Any, NoReturn

from ..credentials import CredentialProvider
from ..errors import AccessTokenRefused, SessionKeyRefused, WeChatBusy, WeChatError, WeChatUnavailable
from ..wechat import CallPool, WeChatClient
from .errors import CodeLost
from .sessions import Session, User
from .user_data import signature

_OPENID = re.compile(r"[!-~]{1,128}")
_SESSION_KEY = re.compile(r"[A-Za-z0-9+/]{22}==")
"""16 bytes in base64"""
_PHONE_FIELDS = ("phoneNumber", "purePhoneNumber", "countryCode")

_log = logging.getLogger(__name__)


class MiniProgram:
    """Calls WeChat for the users of one mini program; each call takes a place of the pool. Raises ChecksBusy."""

    def __init__(self, client: WeChatClient, access_token: CredentialProvider, pool: CallPool) -> None:
        self._client = client
        self._access_token = access_token
        self._pool = pool

    def log_in(self, code: str) -> User:
        """The user of a code of wx.login, which is exchanged once. Raises WeChatError.

        Raises CodeLost after -1, 40001 or no usable answer: WeChat may have used up the code.
        """
        with self._pool.place():
            try:
                return _user(self._client.jscode2session(code))
            except (WeChatBusy, WeChatUnavailable, AccessTokenRefused) as error:
                self._raise_lost(error)

    def phone_number(self, code: str) -> dict[str, str]:
        """The phone number of a code of the phone number button. Raises WeChatError, as `log_in`.

        The code is sent again only if WeChat refused the access_token, with the token's successor.
        """
        with self._pool.place():
            try:
                return _phone_number(
                    self._access_token.use(lambda token: self._client.getuserphonenumber(token, code), once=True)
                )
            except (WeChatBusy, WeChatUnavailable) as error:
                self._raise_lost(error)

    def accepts_key(self, session: Session) -> bool:
        """Whether WeChat still accepts the session_key. Raises WeChatError."""
        signed = signature(session.session_key, "")
        with self._pool.place():
            try:
                self._access_token.use(lambda token: self._client.checksession(token, session.openid, signed))
            except SessionKeyRefused:
                return False
        return True

    def new_key(self, session: Session) -> str | None:
        """A new session_key in place of the session's; None if WeChat refuses the old one. Raises WeChatError."""
        signed = signature(session.session_key, "")
        with self._pool.place():
            try:
                answer = self._access_token.use(
                    lambda token: self._client.resetusersessionkey(token, session.openid, signed)
                )
            except SessionKeyRefused:
                return None
        return _session_key(answer)

    def _raise_lost(self, error: WeChatError) -> NoReturn:
        _log.warning("login code lost: appid=%s: %s", self._client.appid, error)
        raise CodeLost(error) from None


def _user(answer: dict[str, Any]) -> User:
    openid, unionid = answer.get("openid"), answer.get("unionid")
    if not isinstance(openid, str) or not _OPENID.fullmatch(openid):
        raise WeChatUnavailable("WeChat's answer to the login has no openid.")
    return User(openid, unionid if isinstance(unionid, str) and unionid else None, _session_key(answer))


def _session_key(answer: dict[str, Any]) -> str:
    session_key = answer.get("session_key")
    if not isinstance(session_key, str) or not _SESSION_KEY.fullmatch(session_key):
        raise WeChatUnavailable("WeChat's answer has no session_key of 16 bytes.")
    return session_key


def _phone_number(answer: dict[str, Any]) -> dict[str, str]:
    info = answer.get("phone_info")
    number = {name: info.get(name) for name in _PHONE_FIELDS} if isinstance(info, dict) else {}
    if not number or not all(isinstance(value, str) and value for value in number.values()):
        raise WeChatUnavailable("WeChat's answer has no phone_info.")
    return {name: str(value) for name, value in number.items()}
