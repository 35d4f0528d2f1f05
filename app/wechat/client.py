"""One method for each of WeChat's endpoints. Each raises what `app.exceptions` draws below WeChatError."""

import re
from dataclasses import dataclass, field
from typing import Any

from ..exceptions import WeChatUnavailable
from ..holds import Holds
from .transport import Call, Transport

STABLE_TOKEN = "/cgi-bin/stable_token"  # noqa: S105 -- a path
TOKEN = "/cgi-bin/token"  # noqa: S105 -- a path
GETTICKET = "/cgi-bin/ticket/getticket"
MSG_SEC_CHECK = "/wxa/msg_sec_check"
IMG_SEC_CHECK = "/wxa/img_sec_check"
MEDIA_CHECK_ASYNC = "/wxa/media_check_async"

_LONGEST_LIFE_SECONDS = 86_400
"""twelve times what WeChat gives: whatever says more is not WeChat's answer"""

_TRACE_ID = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)

ENDPOINTS = (STABLE_TOKEN, TOKEN, GETTICKET, MSG_SEC_CHECK, IMG_SEC_CHECK, MEDIA_CHECK_ASYNC)


@dataclass(frozen=True, slots=True)
class Issued:
    """A credential as WeChat hands it out."""

    value: str = field(repr=False)
    expires_in: int
    """seconds, as WeChat says; of a ticket it is always 7200, whatever its age"""


class WeChatClient:
    """WeChat's API for one account. A call to an endpoint that is on hold raises the remembered error, unsent."""

    def __init__(self, appid: str, secret: str, transport: Transport, holds: Holds) -> None:
        self.appid = appid
        self._secret = secret
        self._transport = transport
        self.holds = holds

    def stable_token(self, *, force_refresh: bool = False) -> Issued:
        """The stable access_token (获取稳定版接口调用凭据): the same one for all who ask, until its last five minutes.

        With `force_refresh` the current one dies at once; WeChat allows that 20 times a day.
        """
        body = {
            "grant_type": "client_credential",
            "appid": self.appid,
            "secret": self._secret,
            "force_refresh": force_refresh,
        }
        answer = self._send(Call("POST", STABLE_TOKEN, json=body, secrets=[self._secret]))
        return _issued(answer, "access_token", STABLE_TOKEN)

    def token(self) -> Issued:
        """A new classic access_token (获取接口调用凭据); the one before it dies five minutes later."""
        params = {"grant_type": "client_credential", "appid": self.appid, "secret": self._secret}
        answer = self._send(Call("GET", TOKEN, params, secrets=[self._secret]))
        return _issued(answer, "access_token", TOKEN)

    def getticket(self, access_token: str) -> Issued:
        """The jsapi_ticket: the same one all its life."""
        params = {"access_token": access_token, "type": "jsapi"}
        answer = self._send(Call("GET", GETTICKET, params, secrets=[access_token]))
        return _issued(answer, "ticket", GETTICKET)

    def msg_sec_check(self, access_token: str, content: str) -> None:
        """Check a text, version 1 (文本内容安全识别): nothing if it is fine, RiskyContent if not. At most 500 KB."""
        params = {"access_token": access_token}
        self._send(Call("POST", MSG_SEC_CHECK, params, json={"content": content}, secrets=[access_token]))

    def img_sec_check(self, access_token: str, image: bytes) -> None:
        """Check an image, version 1 (图片内容安全识别): nothing if it is fine, RiskyContent if not. At most 1 MB.

        WeChat sees a file only where the part has a filename; without, it answers 41005 (WECHAT.md 4).
        """
        file = ("image", image, "application/octet-stream")
        self._send(Call("POST", IMG_SEC_CHECK, {"access_token": access_token}, file=file, secrets=[access_token]))

    def media_check_async(self, access_token: str, media_url: str, media_type: int, openid: str, scene: int) -> str:
        """Let WeChat check a file, version 2 (多媒体内容安全识别): the trace_id with which it will push the result.

        `media_type` 1 is audio, 2 an image, of at most 10 MB; `scene` is 1 to 4.
        """
        asked = {"media_url": media_url, "media_type": media_type, "version": 2, "scene": scene, "openid": openid}
        params = {"access_token": access_token}
        answer = self._send(Call("POST", MEDIA_CHECK_ASYNC, params, json=asked, secrets=[access_token]))
        trace_id = answer.get("trace_id")
        if not isinstance(trace_id, str) or not _TRACE_ID.fullmatch(trace_id):
            raise WeChatUnavailable(f"WeChat, {MEDIA_CHECK_ASYNC}: an answer without a trace_id.")
        return trace_id

    def _send(self, call: Call) -> dict[str, Any]:
        with self.holds.watch(call.endpoint):
            return self._transport.send(call)


def _issued(answer: dict[str, Any], field_name: str, endpoint: str) -> Issued:
    value, expires_in = answer.get(field_name), answer.get("expires_in")
    good_value = isinstance(value, str) and value and value.isascii() and value.isprintable()
    if not good_value or type(expires_in) is not int or not 0 < expires_in <= _LONGEST_LIFE_SECONDS:
        raise WeChatUnavailable(f"WeChat, {endpoint}: an answer without {field_name} or expires_in.")
    return Issued(str(value), expires_in)
