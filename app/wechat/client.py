"""One method for each of WeChat's endpoints. All raise subclasses of WeChatError."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..accounts import Secret
from ..errors import SecretRefused, WeChatUnavailable
from .calls import FOR_CHECKS, FOR_CREDENTIALS, ONCE, Call, Retry
from .cooldown import Cooldowns
from .transport import Transport

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 -- a path
TOKEN = "/cgi-bin/token"  # noqa: S105 -- a path
GETTICKET = "/cgi-bin/ticket/getticket"
MSG_SEC_CHECK = "/wxa/msg_sec_check"
IMG_SEC_CHECK = "/wxa/img_sec_check"
MEDIA_CHECK_ASYNC = "/wxa/media_check_async"
OAUTH2_ACCESS_TOKEN = "/sns/oauth2/access_token"  # noqa: S105 -- a path
USERINFO = "/sns/userinfo"
JSCODE2SESSION = "/sns/jscode2session"
GETUSERPHONENUMBER = "/wxa/business/getuserphonenumber"
CHECKSESSION = "/wxa/checksession"
RESETUSERSESSIONKEY = "/wxa/resetusersessionkey"

_LONGEST_LIFE_SECONDS = 86_400
"""twelve times WeChat's `expires_in`: no answer of WeChat says more"""

_PRINTABLE = re.compile(r"[!-~]{1,512}")
_TRACE_ID = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)

ENDPOINTS = (
    *(STABLE_TOKEN, TOKEN, GETTICKET, MSG_SEC_CHECK, IMG_SEC_CHECK, MEDIA_CHECK_ASYNC),
    *(OAUTH2_ACCESS_TOKEN, JSCODE2SESSION, GETUSERPHONENUMBER, CHECKSESSION, RESETUSERSESSIONKEY),
)


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential as WeChat issues it."""

    value: str = field(repr=False)
    expires_in: int
    """seconds; for a ticket always 7200, whatever its age"""


class WeChatClient:
    """WeChat's API for one account. During an endpoint's cooldown its calls raise that error unsent."""

    def __init__(self, appid: str, secret: Secret, transport: Transport, cooldowns: Cooldowns) -> None:
        self.appid = appid
        self._secret = secret
        self._transport = transport
        self.cooldowns = cooldowns

    def stable_token(self, *, force_refresh: bool = False) -> Issued:
        """The stable access_token (获取稳定版接口调用凭据): the same one for all callers until its last five minutes.

        `force_refresh` revokes the current one at once; WeChat allows that 20 times a day.
        """

        def call(secret: str) -> Call:
            body = {**self._asking_with(secret), "force_refresh": force_refresh}
            retry = ONCE if force_refresh else FOR_CREDENTIALS
            return Call("POST", STABLE_TOKEN, json=body, secrets=[secret], retry=retry)

        return _issued(self._send_with_secret(STABLE_TOKEN, call), "access_token", STABLE_TOKEN)

    def token(self) -> Issued:
        """A new classic access_token (获取接口调用凭据); the one before it dies five minutes later."""

        def call(secret: str) -> Call:
            return Call("GET", TOKEN, self._asking_with(secret), secrets=[secret], retry=FOR_CREDENTIALS)

        return _issued(self._send_with_secret(TOKEN, call), "access_token", TOKEN)

    def getticket(self, access_token: str, kind: str = "jsapi") -> Issued:
        """The ticket of this type: the same one all its life."""
        params = {"access_token": access_token, "type": kind}
        answer = self._send(Call("GET", GETTICKET, params, secrets=[access_token], retry=FOR_CREDENTIALS))
        return _issued(answer, "ticket", GETTICKET)

    def msg_sec_check(self, access_token: str, fields: Mapping[str, str | int]) -> dict[str, Any]:
        """Check a text (文本内容安全识别). Version 2 answers with a verdict in `result.suggest`.

        Without `version` among the fields it is version 1: RiskyContent is raised, or the text passes.
        """
        return self._check(access_token, MSG_SEC_CHECK, json=fields)

    def img_sec_check(self, access_token: str, image: bytes, filename: str, content_type: str) -> None:
        """Check an image of at most 1 MB, version 1 (图片内容安全识别). Raises RiskyContent.

        Without `filename` WeChat answers 41005 (WECHAT.md 4).
        """
        self._check(access_token, IMG_SEC_CHECK, file=(filename, image, content_type))

    def media_check_async(self, access_token: str, media_url: str, media_type: int, openid: str, scene: int) -> str:
        """Have a file checked, version 2 (多媒体内容安全识别). Returns the trace_id of the pushed result.

        `media_type` 1 is audio, 2 an image, of at most 10 MB; `scene` is 1 to 4.
        """
        asked = {"media_url": media_url, "media_type": media_type, "version": 2, "scene": scene, "openid": openid}
        answer = self._check(access_token, MEDIA_CHECK_ASYNC, json=asked)
        trace_id = answer.get("trace_id")
        if not isinstance(trace_id, str) or not _TRACE_ID.fullmatch(trace_id):
            raise WeChatUnavailable(f"WeChat, {MEDIA_CHECK_ASYNC}: an answer without a trace_id.")
        return trace_id

    def jscode2session(self, code: str) -> dict[str, Any]:
        """Exchange the code of wx.login (小程序登录): `openid`, `session_key`, maybe `unionid`. Sent once."""
        return self._exchange(JSCODE2SESSION, code, "js_code")

    def getuserphonenumber(self, access_token: str, code: str) -> dict[str, Any]:
        """Exchange the code of the phone number button (手机号快速验证), once: `phone_info`."""
        params = {"access_token": access_token}
        return self._send(
            Call("POST", GETUSERPHONENUMBER, params, json={"code": code}, secrets=[access_token, code], retry=ONCE)
        )

    def checksession(self, access_token: str, openid: str, signature: str) -> None:
        """Check the user's session_key (检验登录态), which signs an empty text. Raises SessionKeyRefused."""
        self._send(self._of_session(CHECKSESSION, access_token, openid, signature, FOR_CHECKS))

    def resetusersessionkey(self, access_token: str, openid: str, signature: str) -> dict[str, Any]:
        """Replace the user's session_key (重置登录态): `session_key`. Raises SessionKeyRefused."""
        return self._send(self._of_session(RESETUSERSESSIONKEY, access_token, openid, signature, ONCE))

    @staticmethod
    def _of_session(endpoint: str, access_token: str, openid: str, signature: str, retry: Retry) -> Call:
        signed = {"openid": openid, "signature": signature, "sig_method": "hmac_sha256"}
        params = {"access_token": access_token, **signed}
        return Call("GET", endpoint, params, secrets=[access_token, openid, signature], retry=retry)

    def oauth2_access_token(self, code: str) -> dict[str, Any]:
        """The user's openid and token for the code of a web login (网页授权). Sent once."""
        answer = self._exchange(OAUTH2_ACCESS_TOKEN, code, "code")
        if not all(_PRINTABLE.fullmatch(str(answer.get(name, ""))) for name in ("openid", "access_token")):
            raise WeChatUnavailable(f"WeChat, {OAUTH2_ACCESS_TOKEN}: an answer without openid or access_token.")
        return answer

    def userinfo(self, user_token: str, openid: str) -> dict[str, Any]:
        """The user's nickname and avatar (拉取用户信息), for the user's own token with scope userinfo or login."""
        params = {"access_token": user_token, "openid": openid, "lang": "zh_CN"}
        return self._send(Call("GET", USERINFO, params, secrets=[user_token, openid], retry=FOR_CHECKS))

    def _exchange(self, endpoint: str, code: str, name: str) -> dict[str, Any]:
        """The answer to a login code, which is sent once, whatever WeChat answers.

        A refused secret's file is read again for the next login only: WeChat does not say that this code stays unused.
        """
        secret = self._secret.value
        params = {"appid": self.appid, "secret": secret, name: code, "grant_type": "authorization_code"}
        try:
            return self._send(Call("GET", endpoint, params, secrets=[secret, code], retry=ONCE))
        except SecretRefused:
            self._secret.replaces(secret)
            raise

    def _check(self, access_token: str, endpoint: str, **content: Any) -> dict[str, Any]:
        params = {"access_token": access_token}
        answer = self._send(Call("POST", endpoint, params, secrets=[access_token], retry=FOR_CHECKS, **content))
        if "errcode" not in answer:  # only credentials have none (WECHAT.md 0.9): this answer is not WeChat's
            raise WeChatUnavailable(f"WeChat, {endpoint}: an answer without errcode.")
        return answer

    def _send(self, call: Call) -> dict[str, Any]:
        with self.cooldowns.watch(call.endpoint):
            return self._transport.send(call)

    def _asking_with(self, secret: str) -> dict[str, str]:
        return {"grant_type": "client_credential", "appid": self.appid, "secret": secret}

    def _send_with_secret(self, endpoint: str, call: Callable[[str], Call]) -> dict[str, Any]:
        """The answer to `call(secret)`, repeated once if WeChat refuses the secret and its file has another one now."""
        with self.cooldowns.watch(endpoint), self._transport.one_deadline():
            secret = self._secret.value
            try:
                return self._transport.send(call(secret))
            except SecretRefused:
                if not self._secret.replaces(secret):
                    raise
            return self._transport.send(call(self._secret.value))


def _issued(answer: dict[str, Any], field_name: str, endpoint: str) -> Issued:
    value, expires_in = answer.get(field_name), answer.get("expires_in")
    good_value = isinstance(value, str) and value and value.isascii() and value.isprintable()
    if not good_value or type(expires_in) is not int or not 0 < expires_in <= _LONGEST_LIFE_SECONDS:
        raise WeChatUnavailable(f"WeChat, {endpoint}: an answer without {field_name} or expires_in.")
    return Issued(str(value), expires_in)
