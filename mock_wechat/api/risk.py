"""/wxa/getuserriskrank (document 获取用户安全等级)."""

from ..errors import WeChatError
from .asked import body
from .exchange import Endpoint, Exchange
from .forms import text_of

SCENES = (0, 1, 2)
RISK_RANK = 0
"""The rank of every user (WeChat: 0 to 4); a test can teach another answer."""


def getuserriskrank(exchange: Exchange) -> dict[str, object]:
    """Needs a recent login. `unoin_id` is WeChat's spelling."""
    account = exchange.counted_caller("mini")
    asked = body(exchange)
    appid, openid = text_of(asked, "appid"), text_of(asked, "openid")
    if not (appid and openid and text_of(asked, "client_ip") and "scene" in asked):
        raise WeChatError(47001)
    if isinstance(asked["scene"], bool) or asked["scene"] not in SCENES:
        raise WeChatError(40129)
    if appid != account.appid:
        raise WeChatError(43104)
    exchange.check_recent_login(account, openid)
    unoin_id = exchange.state.random.getrandbits(31)
    return {"errcode": 0, "errmsg": "getuserriskrank succ", "risk_rank": RISK_RANK, "unoin_id": unoin_id}


ENDPOINTS = (Endpoint("/wxa/getuserriskrank", "POST", getuserriskrank),)
