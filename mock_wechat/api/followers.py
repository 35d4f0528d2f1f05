"""Users of official accounts: followers, their data, and remarks (用户管理)."""

from itertools import dropwhile, islice

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.followers import Follower
from .asked import OK, body, follower, openid, size
from .exchange import Endpoint, Exchange

PAGE = 10_000
MOST_USERS = 100
REMARK_BYTES = 30
"""A remark must be shorter."""


def user_info(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    query = exchange.request.query
    if not query.get("openid"):
        raise WeChatError(41009)
    return _info(exchange, account, query["openid"], query.get("lang"))


def user_info_batch(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    users = body(exchange).get("user_list")
    if not isinstance(users, list) or not 1 <= len(users) <= MOST_USERS:
        raise WeChatError(40032)
    asked = [user if isinstance(user, dict) else {} for user in users]
    return {"user_info_list": [_info(exchange, account, user.get("openid"), user.get("lang")) for user in asked]}


def _info(exchange: Exchange, account: Account, user: object, lang: object) -> dict[str, object]:
    """Nickname, avatar and place are blank since 2021. A user who does not follow is described by ids only."""
    known = openid(exchange, account, user)
    person = exchange.state.users.person(account.appid, known)
    unionid = {"unionid": person.unionid} if person and account.open_platform else {}
    found = exchange.state.followers.find(account.appid, known)
    if found is None:
        return {"subscribe": 0, "openid": known, **unionid, "tagid_list": []}
    place = {"city": "", "province": "", "country": ""}
    language = lang if isinstance(lang, str) and lang else "zh_CN"
    blank = {"nickname": "", "sex": 0, "language": language, **place, "headimgurl": ""}
    ids = {"subscribe_time": found.subscribe_time, **unionid, "remark": found.remark}
    groupid = found.tagid_list[0] if found.tagid_list else 0
    qr_code = {"qr_scene": found.qr_scene, "qr_scene_str": found.qr_scene_str}
    tags = {"groupid": groupid, "tagid_list": found.tagid_list, "subscribe_scene": found.subscribe_scene}
    return {"subscribe": 1, "openid": known, **blank, **ids, **tags, **qr_code}


def user_get(exchange: Exchange) -> dict[str, object]:
    """A page of the followers' openids, after `next_openid`."""
    account = exchange.counted_caller("official")
    followers = exchange.state.followers.all(account.appid)
    page, following = page_of(followers, exchange.request.query.get("next_openid"))
    return {"total": len(followers), "count": len(page), **_data(page), "next_openid": following}


def page_of(followers: list[Follower], after: object) -> tuple[list[str], str]:
    """Up to 10,000 openids after `after`, and the last one. Raises WeChatError if `after` is not among them."""
    rest = (each.openid for each in followers)
    if after:
        rest = dropwhile(lambda each: each != after, rest)  # type: ignore[assignment]  # both are iterators
        if next(rest, None) is None:
            raise WeChatError(40003)
    page = list(islice(rest, PAGE))
    return page, page[-1] if page else ""


def _data(page: list[str]) -> dict[str, object]:
    return {"data": {"openid": page}} if page else {}


def update_remark(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    asked = body(exchange)
    user = follower(exchange, account, asked.get("openid"))
    remark = asked.get("remark")
    if not isinstance(remark, str) or size(remark) >= REMARK_BYTES:
        raise WeChatError(40092)
    user.remark = remark
    return OK


ENDPOINTS = (
    Endpoint("/cgi-bin/user/info", "GET", user_info),
    Endpoint("/cgi-bin/user/get", "GET", user_get),
    Endpoint("/cgi-bin/user/info/batchget", "POST", user_info_batch),
    Endpoint("/cgi-bin/user/info/updateremark", "POST", update_remark),
)
