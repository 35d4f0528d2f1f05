"""QR codes with a scene for official accounts (document 生成带参数的二维码)."""

from email.utils import formatdate

from ..errors import WeChatError
from ..qr import jpeg
from ..state.accounts import Account
from ..state.qrcodes import QrCode
from ..wire import Response
from .asked import body
from .exchange import Endpoint, Exchange
from .forms import text_of

ACTIONS = ("QR_SCENE", "QR_STR_SCENE", "QR_LIMIT_SCENE", "QR_LIMIT_STR_SCENE")
DEFAULT_SECONDS = 60
MAX_SECONDS = 30 * 86400
MAX_PERMANENT = 100_000
MAX_SCENE_ID = 2**32 - 1
MAX_LIMIT_SCENE_ID = 100_000
MAX_LIMIT_SCENE_STR = 64
"""For permanent codes; temporary ones take longer texts, as users report."""
WIDTH = 430
CACHE_SECONDS = 604_800


def create(exchange: Exchange) -> dict[str, object]:
    """A temporary code is valid for `expire_seconds`; a permanent one stays the same for its scene (assumed)."""
    account = exchange.counted_caller("official")
    asked = body(exchange)
    action = text_of(asked, "action_name")
    if action not in ACTIONS:
        raise WeChatError(40052)
    scene = _scene(asked, action)
    codes = exchange.state.qrcodes
    if "LIMIT" in action:
        code = codes.permanent(account.appid, scene) or _new_permanent(exchange, account, scene)
        return {"ticket": code.ticket, "url": code.url}
    seconds = _seconds(asked.get("expire_seconds", DEFAULT_SECONDS))
    code = codes.issue(account.appid, scene, exchange.now, seconds)
    return {"ticket": code.ticket, "expire_seconds": seconds, "url": code.url}


def showqrcode(exchange: Exchange) -> Response:
    """The image of a ticket, without a token; HTTP 404 for one that is unknown or has expired."""
    code = exchange.state.qrcodes.find(exchange.request.query.get("ticket", ""), exchange.now)
    if code is None:
        return Response(b"", "text/html", 404)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-control": f"max-age={CACHE_SECONDS}",
        "Expires": formatdate(exchange.now + CACHE_SECONDS, usegmt=True),
    }
    return Response(jpeg(code.url, WIDTH), "image/jpg", headers=headers)


def _new_permanent(exchange: Exchange, account: Account, scene: int | str) -> QrCode:
    """A new permanent code. Raises WeChatError 45029 beyond the limit."""
    if not exchange.state.quotas.spend(account.appid, "permanent QR codes", MAX_PERMANENT, exchange.now, "ever"):
        raise WeChatError(45029)
    return exchange.state.qrcodes.issue(account.appid, scene, exchange.now, None)


def _scene(asked: dict[str, object], action: str) -> int | str:
    """The scene_str or scene_id. Raises WeChatError 40053 if it does not fit the action."""
    info = asked.get("action_info")
    scene = info.get("scene") if isinstance(info, dict) else None
    scene = scene if isinstance(scene, dict) else {}
    is_limited = "LIMIT" in action
    if "STR" in action:
        text = scene.get("scene_str")
        if isinstance(text, str) and text and not (is_limited and len(text) > MAX_LIMIT_SCENE_STR):
            return text
        raise WeChatError(40053)
    number = scene.get("scene_id")
    if isinstance(number, str) and number.isascii() and number.isdecimal() and len(number) <= len(str(MAX_SCENE_ID)):
        number = int(number)  # as many clients send it
    most = MAX_LIMIT_SCENE_ID if is_limited else MAX_SCENE_ID
    if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= most:
        raise WeChatError(40053)
    return number


def _seconds(given: object) -> int:
    """From 60 s to 30 days: a number outside becomes the nearest limit (assumed), anything else 60 s."""
    if isinstance(given, str) and given.isascii() and given.isdecimal() and len(given) < len(str(MAX_SCENE_ID)):
        given = int(given)
    seconds = given if isinstance(given, int) and not isinstance(given, bool) else DEFAULT_SECONDS
    return min(max(seconds, DEFAULT_SECONDS), MAX_SECONDS)


ENDPOINTS = (
    Endpoint("/cgi-bin/qrcode/create", "POST", create, escapes_slashes=True),
    Endpoint("/cgi-bin/showqrcode", "GET", showqrcode),
)
