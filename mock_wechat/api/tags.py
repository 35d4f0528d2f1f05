"""Tags of official accounts' followers (标签管理)."""

from collections.abc import Mapping

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.followers import Follower
from ..state.tags import SYSTEM_TAGS
from .asked import OK, body, follower, size
from .exchange import Endpoint, Exchange
from .followers import page_of

MOST_TAGS = 100
MOST_OPENIDS = 50
MOST_TAGS_OF_A_FOLLOWER = 20
NAME_BYTES = 30


def create(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    name = _name(_tag(exchange), tags := exchange.state.tags.of(account.appid))
    if len(tags) >= MOST_TAGS:
        raise WeChatError(45056)
    return {"tag": {"id": exchange.state.tags.create(account.appid, name), "name": name}}


def show(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    followers = exchange.state.followers.all(account.appid)
    tags = exchange.state.tags.of(account.appid).items()
    return {"tags": [{"id": tag, "name": name, "count": len(_with(followers, tag))} for tag, name in tags]}


def update(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    asked = _tag(exchange)
    tags = exchange.state.tags.of(account.appid)
    tag = _changeable(asked.get("id"), tags)
    tags[tag] = _name(asked, {other: name for other, name in tags.items() if other != tag})
    return OK


def delete(exchange: Exchange) -> dict[str, object]:
    """Followers lose the tag. WeChat refuses with 45057 if more than 100,000 have it."""
    account = exchange.counted_caller("official")
    tags = exchange.state.tags.of(account.appid)
    tag = _changeable(_tag(exchange).get("id"), tags)
    del tags[tag]
    for user in _with(exchange.state.followers.all(account.appid), tag):
        user.tagid_list.remove(tag)
    return OK


def batch_tag(exchange: Exchange) -> dict[str, object]:
    users, tag = _users_and_tag(exchange)
    without = [user for user in users if tag not in user.tagid_list]
    if any(len(user.tagid_list) >= MOST_TAGS_OF_A_FOLLOWER for user in without):
        raise WeChatError(45059)
    for user in without:
        user.tagid_list.append(tag)
    return OK


def batch_untag(exchange: Exchange) -> dict[str, object]:
    users, tag = _users_and_tag(exchange)
    for user in _with(users, tag):
        user.tagid_list.remove(tag)
    return OK


def tags_of_follower(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    user = follower(exchange, account, body(exchange).get("openid"), foreign=49003)
    return {"tagid_list": user.tagid_list}


def followers_of_tag(exchange: Exchange) -> dict[str, object]:
    """A page of the openids with a tag, after `next_openid`."""
    account = exchange.counted_caller("official")
    asked = body(exchange)
    tag = _known(asked.get("tagid"), exchange.state.tags.of(account.appid))
    users = _with(exchange.state.followers.all(account.appid), tag)
    page, following = page_of(users, asked.get("next_openid"))
    return {"count": len(page), **({"data": {"openid": page}, "next_openid": following} if page else {})}


def _users_and_tag(exchange: Exchange) -> tuple[list[Follower], int]:
    """The followers and the tag that the body names, each follower once. Raises WeChatError."""
    account: Account = exchange.counted_caller("official")
    asked = body(exchange)
    openids = asked.get("openid_list")
    if not isinstance(openids, list) or not 1 <= len(openids) <= MOST_OPENIDS:
        raise WeChatError(40032)
    tag = _known(asked.get("tagid"), exchange.state.tags.of(account.appid))
    users = [follower(exchange, account, openid, foreign=49003) for openid in openids]
    return list({user.openid: user for user in users}.values()), tag


def _with(followers: list[Follower], tag: int) -> list[Follower]:
    return [user for user in followers if tag in user.tagid_list]


def _tag(exchange: Exchange) -> Mapping[str, object]:
    tag = body(exchange).get("tag")
    if not isinstance(tag, dict):
        raise WeChatError(47001)
    return tag


def _known(tag: object, tags: Mapping[int, str]) -> int:
    if type(tag) is not int or tag not in tags:
        raise WeChatError(45159)
    return tag


def _changeable(tag: object, tags: Mapping[int, str]) -> int:
    if tag in SYSTEM_TAGS:
        raise WeChatError(45058)
    return _known(tag, tags)


def _name(asked: Mapping[str, object], others: Mapping[int, str]) -> str:
    """A tag's new name, which none of the `others` may have. Raises WeChatError."""
    name = asked.get("name")
    if not isinstance(name, str) or not name or name in others.values():
        raise WeChatError(45157)
    if size(name) > NAME_BYTES:
        raise WeChatError(45158)
    return name


ENDPOINTS = (
    Endpoint("/cgi-bin/tags/create", "POST", create),
    Endpoint("/cgi-bin/tags/get", "GET", show),
    Endpoint("/cgi-bin/tags/update", "POST", update),
    Endpoint("/cgi-bin/tags/delete", "POST", delete),
    Endpoint("/cgi-bin/tags/members/batchtagging", "POST", batch_tag),
    Endpoint("/cgi-bin/tags/members/batchuntagging", "POST", batch_untag),
    Endpoint("/cgi-bin/tags/getidlist", "POST", tags_of_follower),
    Endpoint("/cgi-bin/user/tag/get", "POST", followers_of_tag),
)
