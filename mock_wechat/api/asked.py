"""Readers of a call's JSON body, and of the user, file and texts that it names."""

import json
import re
from collections.abc import Mapping

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.followers import Follower
from ..state.sent import SentKind, SentMessage
from .exchange import Exchange

OK: dict[str, object] = {"errcode": 0, "errmsg": "ok"}
ESCAPED_NON_ASCII = re.compile(rb"(?<!\\)(?:\\\\)*\\u(?!00[0-7])")


def body(exchange: Exchange) -> dict[str, object]:
    """The JSON object in the body. Raises WeChatError.

    Notes `\\uXXXX` in the call log: at some endpoints users see it undecoded (WECHAT.md 0.18).
    """
    if not exchange.request.body:
        raise WeChatError(44002)
    asked = exchange.request.json
    if not isinstance(asked, dict):
        raise WeChatError(47001)
    try:
        json.dumps(asked, allow_nan=False)
    except (ValueError, RecursionError):  # NaN and Infinity are not JSON
        raise WeChatError(47001) from None
    if ESCAPED_NON_ASCII.search(exchange.request.body):
        exchange.notes.append("escaped")
    return asked


def filled(asked: Mapping[str, object], name: str, errcode: int) -> str:
    """A text that must not be empty. Raises WeChatError."""
    value = asked.get(name)
    if not isinstance(value, str) or not value:
        raise WeChatError(errcode)
    return value


def within(asked: Mapping[str, object], name: str, most: int, errcode: int) -> str:
    """A text of 1 to `most` bytes in UTF-8. Raises WeChatError."""
    value = filled(asked, name, errcode)
    if size(value) > most:
        raise WeChatError(errcode)
    return value


def size(value: str) -> int:
    """Bytes in UTF-8."""
    return len(value.encode("utf-8", "surrogatepass"))


def openid(exchange: Exchange, account: Account, value: object) -> str:
    """The openid of one of the account's users. Raises WeChatError."""
    if not isinstance(value, str) or not exchange.state.users.is_known(account.appid, value):
        raise WeChatError(40003)
    return value


def follower(exchange: Exchange, account: Account, value: object, foreign: int = 40003) -> Follower:
    """The follower with this openid. Raises WeChatError: `foreign` for the openid of another account's user."""
    state = exchange.state
    if isinstance(value, str):
        if state.users.state(account, value, state.accounts, exchange.now) == "foreign":
            raise WeChatError(foreign)
        if found := state.followers.find(account.appid, value):
            return found
    raise WeChatError(40003)


def check_linked(exchange: Exchange, appid: str, errcode: int) -> None:
    """Check that a mini program is linked with the account; here all of the mock's are. Raises WeChatError."""
    account = exchange.state.accounts.get(appid)
    if account is None or account.kind != "mini":
        raise WeChatError(errcode)


def media_id(exchange: Exchange, account: Account, asked: Mapping[str, object], name: str = "media_id") -> str:
    """The id of one of the account's files or drafts. Raises WeChatError 40007, also for media after three days."""
    value = filled(asked, name, 40007)
    if exchange.state.drafts.find(value, account.appid) is None:
        exchange.state.media.own(value, account.appid, exchange.now)
    return value


def record(
    exchange: Exchange,
    account: Account,
    kind: SentKind,
    asked: dict[str, object],
    rendered: Mapping[str, str] | None = None,
    msgid: int | None = None,
) -> None:
    """Add a message to the log of what accounts sent."""
    sent = exchange.state.sent
    sent.add(
        SentMessage(
            id=sent.next_id(),
            at=exchange.now,
            appid=account.appid,
            path=exchange.request.path,
            kind=kind,
            touser=asked["touser"],
            message=asked,
            rendered=rendered,
            msgid=msgid,
        )
    )
