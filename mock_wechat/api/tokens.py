"""/cgi-bin/token, /cgi-bin/stable_token and /cgi-bin/ticket/getticket (WECHAT.md 1, 2)."""

from ..errors import WeChatError
from ..state.credentials import TICKET_LIFE
from ..state.quotas import FORCED_A_DAY
from .asked import OK
from .exchange import Endpoint, Exchange

CLASSIC_QUOTA_TEXT = (
    "reach max api daily quota limit, could get access_token by getStableAccessToken, "
    "more details at https://mmbizurl.cn/s/JtxxFh33r"
)
FORCED_APART = 30
"""Seconds between two forced refreshes."""


def token(exchange: Exchange) -> dict[str, object]:
    """A new token with every call."""
    account = exchange.caller_by_secret(exchange.request.query, "client_credential")
    exchange.spend(account, CLASSIC_QUOTA_TEXT)
    issued = exchange.issued = exchange.state.credentials.token(account, exchange.now)
    return {"access_token": issued.value, "expires_in": account.expires_in}


def stable_token(exchange: Exchange) -> dict[str, object]:
    """The same token with every call, and its remaining life."""
    asked = exchange.request.json_object  # a form or a query is not read: appid missing (WECHAT.md 1.2)
    account = exchange.caller_by_secret(asked, "client_credential")
    exchange.spend(account)
    force = asked.get("force_refresh") is True
    if force:  # 20 a day and 30 s apart; the errcodes are assumed, WeChat documents none (WECHAT.md 12.1)
        forced, appid = exchange.state.forced_at, account.appid
        if exchange.now - forced.get(appid, -FORCED_APART) < FORCED_APART:
            raise WeChatError(45011)
        if not exchange.state.quotas.spend(appid, "force_refresh", FORCED_A_DAY, exchange.now):
            raise WeChatError(45009)
        forced[appid] = exchange.now
    issued = exchange.issued = exchange.state.credentials.stable_token(account, exchange.now, force=force)
    return {"access_token": issued.value, "expires_in": issued.remaining(exchange.now)}


TYPES = {"jsapi": "jsapi_ticket", "wx_card": "wx_card_ticket", "2": "sdk_ticket"}
"""The last is for the QR login of mobile apps' SDK (WxJava's TicketType, WECHAT.md 11a)."""


def getticket(exchange: Exchange) -> dict[str, object]:
    """The same ticket until its end, always with an `expires_in` of 7200. Some SDKs use POST (WECHAT.md 11a)."""
    account = exchange.caller_by_token("official")
    credential = TYPES.get(exchange.request.query.get("type", ""))
    if credential is None:
        raise WeChatError(40097)  # assumed: WeChat documents none (WECHAT.md 12.2)
    exchange.spend(account)
    issued = exchange.issued = exchange.state.credentials.ticket(account, credential, exchange.now)
    return OK | {"ticket": issued.value, "expires_in": TICKET_LIFE}


ENDPOINTS = (
    Endpoint("/cgi-bin/token", "GET", token, takes_secret=True),
    Endpoint("/cgi-bin/stable_token", "POST", stable_token, takes_secret=True),
    Endpoint("/cgi-bin/ticket/getticket", None, getticket),
)
