"""Customer service messages, the typing state, and mass messages by openid (客服消息, 群发接口)."""

from ..errors import WeChatError
from ..state.accounts import Account
from .asked import OK, body, follower, media_id, openid, record
from .contents import check_content
from .exchange import Endpoint, Exchange

COMMANDS = ("Typing", "CancelTyping")
MASS_TYPES = {"mpnews": "media_id", "text": "content", "voice": "media_id", "mpvideo": "media_id", "wxcard": "card_id"}


def send(exchange: Exchange) -> dict[str, object]:
    """An answer to a user; how many are allowed depends on what the user did."""
    account = exchange.caller_by_token("official", "mini")
    exchange.spend(account)
    asked = body(exchange)
    user = openid(exchange, account, asked.get("touser"))
    check_content(exchange, account, asked)
    _check_follows(exchange, account, user)
    _raise(exchange.state.conversations.take(account.appid, user, exchange.now))
    record(exchange, account, "custom", asked)
    return OK


def typing(exchange: Exchange) -> dict[str, object]:
    """The user sees that the account is typing, for 15 seconds."""
    account = exchange.caller_by_token("official", "mini")
    exchange.spend(account)
    asked = body(exchange)
    user = openid(exchange, account, asked.get("touser"))
    if asked.get("command") not in COMMANDS:
        raise WeChatError(45072)
    _check_follows(exchange, account, user)
    begins = asked["command"] == "Typing"
    _raise(exchange.state.conversations.type(account.appid, user, exchange.now, begins=begins))
    record(exchange, account, "typing", asked)
    return OK


def _check_follows(exchange: Exchange, account: Account, user: str) -> None:
    if account.kind == "official" and not exchange.state.followers.find(account.appid, user):
        raise WeChatError(45015)  # "or subscription is canceled"


def _raise(errcode: int | None) -> None:
    if errcode is not None:
        raise WeChatError(errcode)


def mass_send(exchange: Exchange) -> dict[str, object]:
    """A message to two or more followers."""
    account = exchange.caller_by_token("official")
    exchange.spend(account)
    asked = body(exchange)
    users = asked.get("touser")
    if not isinstance(users, list) or not 2 <= len(users) <= 10_000:
        raise WeChatError(40130)
    for user in users:
        follower(exchange, account, user)
    kind = asked.get("msgtype")
    content = asked.get(kind) if isinstance(kind, str) else None
    if kind not in (*MASS_TYPES, "image", "images"):
        raise WeChatError(40008)
    if kind in MASS_TYPES:
        _check_mass(exchange, account, kind, content)
    msg_id = exchange.state.random.getrandbits(31)
    record(exchange, account, "mass", asked, msgid=msg_id)
    return {"errcode": 0, "errmsg": "send job submission success", "msg_id": msg_id, "msg_data_id": msg_id + 1}
