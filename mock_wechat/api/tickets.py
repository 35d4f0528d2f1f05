"""/cgi-bin/ticket/getticket (WECHAT.md 2)."""

from ..credentials import TICKET_LIFE
from ..errors import WeChatError
from .exchange import Endpoint, Exchange

TYPES = {"jsapi": "jsapi_ticket", "wx_card": "wx_card_ticket"}


def getticket(exchange: Exchange) -> dict[str, object]:
    """The same ticket all its life, always said to live for 7200 s."""
    account = exchange.caller_by_token("official")
    credential = TYPES.get(exchange.request.query.get("type", ""))
    if credential is None:
        raise WeChatError(40097)  # assumed: WeChat documents none (WECHAT.md 12.2)
    exchange.spend(account)
    issued = exchange.state.vault.ticket(account, credential, exchange.now)
    return {"errcode": 0, "errmsg": "ok", "ticket": issued.value, "expires_in": TICKET_LIFE}


ENDPOINTS = (Endpoint("/cgi-bin/ticket/getticket", "GET", getticket),)
