"""Links that open a mini program (documents 获取加密scheme码, 获取加密URLLink, 获取ShortLink)."""

import re
from random import Random

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.media import ID_LETTERS
from .asked import OK, body
from .exchange import Endpoint, Exchange
from .forms import text_of, whole_of
from .wxacodes import VERSIONS

LINKS_A_DAY = 500_000
"""Schemes and URL links together."""
PERMANENT_LINKS = 100_000
MAX_QUERY = 1024
MAX_TITLE = 20
MIN_SECONDS, MAX_DAYS = 60, 30

_QUERY = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~%`]*")


def generatescheme(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("mini")
    asked = body(exchange)
    target = asked.get("jump_wxa")
    _check_target(account, target if isinstance(target, dict) else {})
    if asked.get("is_expire") is True:
        _check_end(asked, exchange.now)
    _count(exchange, account)
    return OK | {"openlink": f"weixin://dl/business/?t={_letters(exchange.state.random, 11)}"}


def generate_urllink(exchange: Exchange) -> dict[str, object]:
    """A link without an end is valid for 30 days."""
    account = exchange.counted_caller("mini")
    asked = body(exchange)
    _check_target(account, asked)
    if asked.get("is_expire", True) is True and {"expire_type", "expire_time", "expire_interval"} & asked.keys():
        _check_end(asked, exchange.now)
    _count(exchange, account)
    return OK | {"url_link": f"https://wxaurl.cn/{_letters(exchange.state.random, 11)}"}


def genwxashortlink(exchange: Exchange) -> dict[str, object]:
    """The mock's mini programs have no names: each link says 小程序."""
    account = exchange.counted_caller("mini")
    asked = body(exchange)
    page, title = text_of(asked, "page_url"), asked.get("page_title", "")
    if not page or len(page) > MAX_QUERY or not account.has_page(page.partition("?")[0]):
        raise WeChatError(40066)
    if not isinstance(title, str):
        raise WeChatError(40225)
    if asked.get("is_permanent") is True and not exchange.state.quotas.spend(
        account.appid, "permanent short links", PERMANENT_LINKS, exchange.now, "ever"
    ):
        raise WeChatError(85400)
    shown = f"{title[:MAX_TITLE]}..." if len(title) > MAX_TITLE else title
    parts = ("小程序", *([shown] if shown else []), _letters(exchange.state.random, 15))
    return OK | {"link": "#小程序://" + "/".join(parts)}


def _check_target(account: Account, target: dict[str, object]) -> None:
    path, query = text_of(target, "path"), text_of(target, "query")
    if "?" in path or (path and not account.has_page(path.removeprefix("/"))):
        raise WeChatError(40165)
    if len(query) > MAX_QUERY or not _QUERY.fullmatch(query):
        raise WeChatError(40212)
    if target.get("env_version", VERSIONS[0]) not in VERSIONS:
        raise WeChatError(85402)


def _check_end(asked: dict[str, object], now: float) -> None:
    """Between a minute and 30 days from now, or in 1 to 30 days. Raises WeChatError 85401."""
    if asked.get("expire_type") == 1:
        if 1 <= whole_of(asked, "expire_interval") <= MAX_DAYS:
            return
    elif MIN_SECONDS <= whole_of(asked, "expire_time") - now <= MAX_DAYS * 86400:
        return
    raise WeChatError(85401)


def _count(exchange: Exchange, account: Account) -> None:
    name = "/wxa/generatescheme, /wxa/generate_urllink"
    if not exchange.state.quotas.spend(account.appid, name, LINKS_A_DAY, exchange.now):
        raise WeChatError(44993)


def _letters(random: Random, count: int) -> str:
    return "".join(random.choices(ID_LETTERS[:-2], k=count))


ENDPOINTS = (
    Endpoint("/wxa/generatescheme", "POST", generatescheme),
    Endpoint("/wxa/generate_urllink", "POST", generate_urllink),
    Endpoint("/wxa/genwxashortlink", "POST", genwxashortlink),
)
