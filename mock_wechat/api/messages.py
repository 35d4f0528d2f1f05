"""Customer service messages, the typing state, and mass messages by openid (客服消息, 根据OpenID群发消息)."""

from collections.abc import Mapping

from ..errors import WeChatError
from ..state.accounts import Account
from .asked import OK, body, filled, follower, media_id, openid, record
from .contents import check_content
from .exchange import Endpoint, Exchange

COMMANDS = ("Typing", "CancelTyping")
MASS_FIELDS: Mapping[str, tuple[str, int]] = {
    "mpnews": ("media_id", 40007),
    "text": ("content", 44004),
    "voice": ("media_id", 40007),
    "mpvideo": ("media_id", 40007),
    "wxcard": ("card_id", 40073),
}
"""What a mass message must contain, and the errcode without it (assumed)."""
MOST_RECEIVERS = 10_000


def send(exchange: Exchange) -> dict[str, object]:
    """An answer to a user; how many are allowed depends on what the user did."""
    account = exchange.counted_caller("official", "mini")
    asked = body(exchange)
    user = openid(exchange, account, asked.get("touser"))
    check_content(exchange, account, asked)
    _check_follows(exchange, account, user)
    _refuse(exchange.state.conversations.take(account.appid, user, exchange.now))
    record(exchange, account, "custom", asked)
    return OK


def typing(exchange: Exchange) -> dict[str, object]:
    """The user sees that the account is typing, for 15 seconds."""
    account = exchange.counted_caller("official", "mini")
    asked = body(exchange)
    user = openid(exchange, account, asked.get("touser"))
    if asked.get("command") not in COMMANDS:
        raise WeChatError(45072)
    _check_follows(exchange, account, user)
    begins = asked["command"] == "Typing"
    _refuse(exchange.state.conversations.type(account.appid, user, exchange.now, begins=begins))
    record(exchange, account, "typing", asked)
    return OK


def mass_send(exchange: Exchange) -> dict[str, object]:
    """One message to two or more followers."""
    account = exchange.counted_caller("official")
    asked = body(exchange)
    users = asked.get("touser")
    if not isinstance(users, list) or not 2 <= len(users) <= MOST_RECEIVERS:
        raise WeChatError(40130)
    for user in users:
        follower(exchange, account, user)
    kind = asked.get("msgtype")
    if not isinstance(kind, str) or kind not in (*MASS_FIELDS, "image", "images"):
        raise WeChatError(40008)
    content = asked.get(kind)
    fields = content if isinstance(content, dict) else {}
    if kind in MASS_FIELDS:
        filled(fields, *MASS_FIELDS[kind])
    if "media_id" in fields:
        media_id(exchange, account, fields)
    msg_id = exchange.state.random.getrandbits(31)
    record(exchange, account, "mass", asked, msgid=msg_id)
    return {"errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id, "msg_data_id": msg_id + 1}


def _check_follows(exchange: Exchange, account: Account, user: str) -> None:
    if account.kind == "official" and not exchange.state.followers.find(account.appid, user):
        raise WeChatError(45015)  # "or subscription is canceled"


def _refuse(errcode: int | None) -> None:
    if errcode is not None:
        raise WeChatError(errcode)


ENDPOINTS = (
    Endpoint("/cgi-bin/message/custom/send", "POST", send),
    Endpoint("/cgi-bin/message/custom/typing", "POST", typing),
    Endpoint("/cgi-bin/message/mass/send", "POST", mass_send),
)
