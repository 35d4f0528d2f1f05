"""/wxa/media_check_async, versions 1 and 2: an immediate answer, the verdict by message push (WECHAT.md 5)."""

from ..errors import WeChatError
from ..state.pushes import MediaCheck
from ..state.users import User
from .asked import OK
from .exchange import Endpoint, Exchange
from .images import pillow

PLATFORM = User("the platform's push service", "", "")
"""Sender of version 1's pushes, whose checks have no openid."""


def media_check_async(exchange: Exchange) -> dict[str, object]:
    """One URL for both versions; the body's `version` selects. The file is fetched later."""
    account = exchange.counted_caller("mini")
    if not exchange.request.body:
        raise WeChatError(44002)
    asked = exchange.request.json_object
    if not isinstance(asked.get("media_url"), str) or "media_type" not in asked:
        raise WeChatError(47001)
    if type(asked["media_type"]) is not int or asked["media_type"] not in (1, 2):
        raise WeChatError(40004)
    if asked["media_type"] == 2:
        pillow()  # if it is missing, this call fails, not the later download
    version = 2 if asked.get("version") in (2, "2") else 1
    openid = exchange.user(account, asked) if version == 2 else PLATFORM.openid(account.appid)
    state = exchange.state
    fault = state.push_queue.take_fault(account.appid)
    trace_id = state.new_rid() if version == 2 else f"{state.random.getrandbits(128):032x}"
    check = MediaCheck(
        trace_id=trace_id,
        appid=account.appid,
        version=version,
        media_url=str(asked["media_url"]),
        is_image=asked["media_type"] == 2,
        openid=openid,
        due_at=exchange.now + account.push_delay_seconds + fault.delay_seconds,
        seed=state.random.getrandbits(64),
        fault=fault,
    )
    state.push_queue.add(check)
    return OK | {"trace_id": trace_id}


ENDPOINTS = (Endpoint("/wxa/media_check_async", "POST", media_check_async),)
