"""The gateway's own answers: HTTP 200 with errcode and errmsg, as SDKs read them.

An HTTP error makes some SDKs write the API key into an exception.
"""

from collections.abc import Mapping
from typing import Literal

from ..errors import (
    AccountKindWrong,
    CentralServerError,
    NotConfigured,
    SecretRefused,
    StoreUnavailable,
    UnknownAccount,
    WeChatRefused,
)

UNANSWERED = 599001
"""WeChat got the call and did not answer; not in WeChat's table, so that no SDK repeats the call"""

Reason = Literal[
    "unknown key",
    "no secret",
    "unknown appid",
    "grant_type",
    "pass",
    "two tokens",
    "not sent",
    "unanswered",
    "too large",
    "loop",
    "path",
]
_OWN: Mapping[Reason, tuple[int, str]] = {
    "unknown key": (40125, "invalid appsecret, gateway: this server knows no such API key, which is the secret here"),
    "no secret": (41004, "appsecret missing, gateway: an API key of this server is the secret here"),
    "unknown appid": (40013, "invalid appid, gateway: this server has no such account, or the key may not use it"),
    "grant_type": (40002, "invalid grant_type, gateway: it must be the one that WeChat documents"),
    # SDKs look for 40001, or for both 42001 and its text (WECHAT.md 11a).
    "pass": (40001, "access_token expired (42001), gateway: ask this server for a new access_token"),
    "two tokens": (40001, "invalid credential, gateway: the query has several access_token, or one in an odd spelling"),
    "not sent": (-1, "system error, gateway: the call was not sent; try again"),
    "unanswered": (UNANSWERED, "no answer, gateway: WeChat may have processed the call; look before you repeat it"),
    "too large": (45001, "media size out of limit, gateway: the body is larger than this server takes for this path"),
    "loop": (48001, "api unauthorized, gateway: the call has passed through too many gateways"),
    "path": (40066, "invalid url, gateway: no path of WeChat's is written so"),
}
_DEAD_TOKEN = (40001, 40014, 42001)


class GatewayRefusal(Exception):
    """An answer of the gateway's own. `errmsg` says so, and quotes nothing of the request."""

    def __init__(self, errcode: int, errmsg: str) -> None:
        super().__init__(errmsg)
        self.errcode = errcode
        self.errmsg = errmsg


def refusal(reason: Reason) -> GatewayRefusal:
    """The gateway's answer for this reason."""
    return GatewayRefusal(*_OWN[reason])


def unauthorized(why: str) -> GatewayRefusal:
    """The answer to a call that the key may not make."""
    return GatewayRefusal(48001, f"api unauthorized, gateway: {why}")


def of(error: CentralServerError, *, token_path: bool = False) -> GatewayRefusal:
    """The answer to a call that was not sent because of this error: WeChat's own code, if it is WeChat's refusal.

    On a token path, and if WeChat refuses our secret, it is never the code of a dead token: SDKs would not stop asking.
    """
    match error:
        case WeChatRefused(errcode=errcode) if errcode in _DEAD_TOKEN and (
            token_path or isinstance(error, SecretRefused)
        ):
            return GatewayRefusal(40125, "invalid appsecret, gateway: WeChat refuses the AppSecret of this server")
        case WeChatRefused(errcode=errcode, errmsg=errmsg, rid=rid):
            said = f"{errmsg} rid: {rid}" if rid and rid not in errmsg else errmsg
            return GatewayRefusal(errcode, f"{said}, gateway: WeChat's answer to a call of this server's own")
        case UnknownAccount():
            return refusal("unknown appid")
        case NotConfigured() | AccountKindWrong():
            return unauthorized(str(error))
        case StoreUnavailable():  # its text has an address or a path
            return refusal("not sent")
    return GatewayRefusal(-1, f"system error, gateway: {error}")
