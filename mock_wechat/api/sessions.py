"""Whether a mini program user's session_key is still good (documents 检验登录态, 重置登录态)."""

import hmac

from ..errors import WeChatError
from .asked import OK
from .exchange import Endpoint, Exchange


def checksession(exchange: Exchange) -> dict[str, object]:
    """A user without a session_key gets 87009, too: the document lists no other errcode."""
    account = exchange.counted_caller("mini")
    _check_signature(exchange, account.appid, without_session=87009)
    return OK


def resetusersessionkey(exchange: Exchange) -> dict[str, object]:
    """A new session_key, which ends the old one."""
    account = exchange.counted_caller("mini")
    openid = _check_signature(exchange, account.appid, without_session=87007)
    return OK | {"openid": openid, "session_key": exchange.state.sessions.renew(account.appid, openid)}


def _check_signature(exchange: Exchange, appid: str, without_session: int) -> str:
    """The openid of a correctly signed call. Raises WeChatError."""
    query = exchange.request.query
    openid = query.get("openid", "")
    if not openid:
        raise WeChatError(40097)
    if query.get("sig_method") != "hmac_sha256":
        raise WeChatError(87008)
    expected = exchange.state.sessions.signature(appid, openid)
    if expected is None:
        raise WeChatError(without_session)
    if not hmac.compare_digest(query.get("signature", "").encode("utf-8", "replace"), expected.encode()):
        raise WeChatError(87009)
    return openid


ENDPOINTS = (
    Endpoint("/wxa/checksession", "GET", checksession),
    Endpoint("/wxa/resetusersessionkey", "GET", resetusersessionkey),
)
