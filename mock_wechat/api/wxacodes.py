"""Codes that open a mini program (documents 获取不限制的小程序码, 获取小程序码, 获取小程序二维码)."""

import re
from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from ..errors import WeChatError
from ..qr import jpeg
from ..state.accounts import Account
from ..wire import Response
from .asked import body
from .exchange import Endpoint, Exchange
from .forms import text_of, whole_of

VERSIONS = ("release", "trial", "develop")
MIN_WIDTH, WIDTH, MAX_WIDTH = 280, 430, 1280
CODES, MAX_CODES = "mini program codes", 100_000
"""Codes of getwxacode and createwxaqrcode together, never reset."""
MAX_SCENE = 32
MAX_PATH = 1024
MAX_QRCODE_PATH = 128
"""For createwxaqrcode, in bytes."""

_SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]*")
_RESERVED = "scancode_time"


def getwxacodeunlimit(exchange: Exchange) -> Response:
    """Any number of codes, with a short scene."""
    account = exchange.counted_caller("mini")
    asked = body(exchange)
    scene, page = text_of(asked, "scene"), text_of(asked, "page")
    if not 1 <= len(scene) <= MAX_SCENE:
        raise WeChatError(40169)
    if not _SCENE.fullmatch(scene):
        raise WeChatError(40129)
    if _RESERVED in scene or _RESERVED in page:
        raise WeChatError(85096)
    if page.startswith("/") or "?" in page:
        raise WeChatError(41030)
    if page and asked.get("check_path") is not False and not account.has_page(page):
        raise WeChatError(41030)
    return _code(account, asked, f"{page}?scene={quote(scene, safe='')}")


def getwxacode(exchange: Exchange) -> Response:
    """One of 100,000 codes, shared with createwxaqrcode; the header Num-Used counts them."""
    return _limited(exchange, lambda path: len(path) <= MAX_PATH)


def createwxaqrcode(exchange: Exchange) -> Response:
    return _limited(exchange, lambda path: len(path.encode("utf-8", "replace")) <= MAX_QRCODE_PATH)


def _limited(exchange: Exchange, fits: Callable[[str], bool]) -> Response:
    account = exchange.counted_caller("mini")
    asked = body(exchange)
    path = text_of(asked, "path")
    if not path or not fits(path):
        raise WeChatError(40159)
    if _RESERVED in path:
        raise WeChatError(85096)
    code = _code(account, asked, path)
    quotas = exchange.state.quotas
    if not quotas.spend(account.appid, CODES, MAX_CODES, exchange.now, "ever"):
        raise WeChatError(45029)
    return replace(code, headers={"Num-Used": str(quotas.used(account.appid, CODES, "ever", exchange.now))})


def _code(account: Account, asked: dict[str, object], target: str) -> Response:
    """An ordinary QR code whose text is the appid and the page, without colours and transparency.

    A width outside the limits becomes the nearest limit (assumed).
    """
    if asked.get("env_version", VERSIONS[0]) not in VERSIONS:
        raise WeChatError(40097)
    width = min(max(whole_of(asked, "width", WIDTH), MIN_WIDTH), MAX_WIDTH)
    return Response(jpeg(f"{account.appid} {target}", width), "image/jpeg")


ENDPOINTS = (
    Endpoint("/wxa/getwxacodeunlimit", "POST", getwxacodeunlimit),
    Endpoint("/wxa/getwxacode", "POST", getwxacode),
    Endpoint("/cgi-bin/wxaapp/createwxaqrcode", "POST", createwxaqrcode),
)
