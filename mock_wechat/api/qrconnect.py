"""/connect/qrconnect: the QR code by which users log in to a website (网站应用) (WECHAT.md 9.2)."""

import hashlib
from base64 import b64encode
from html import escape

from .. import qr
from ..extras import MissingExtra
from ..families import QRCONNECT
from ..state.accounts import is_listed
from ..wire import Response
from .exchange import Endpoint, Exchange
from .login_page import answered, chosen_user, go_back, invalid_page, page, people

QR_WIDTH = 280


def qrconnect(exchange: Exchange) -> Response:
    """Ask who scans the code, and redirect back. `state` is optional; parameters may be in any order."""
    query = exchange.request.query
    account = exchange.state.accounts.get(query.get("appid", ""))
    if account is None:
        return invalid_page("AppID 参数错误")
    if account.kind != "web" or query.get("scope") != "snsapi_login":
        return invalid_page("Scope 参数错误或没有 Scope 权限")
    if not is_listed(query.get("redirect_uri", ""), account.oauth_domains):
        return invalid_page("redirect_uri 参数错误", "its host must be one of the account's oauth_domains")
    if query.get("response_type") != "code":
        return invalid_page("参数错误", "response_type must be code")
    if exchange.request.method != "POST":
        target = "_self" if query.get("self_redirect") == "true" else "_top"
        choice = people(account, exchange.state.users)
        code = _picture(f"{query['redirect_uri']} {query.get('state')}")
        return page("Log in", "qrconnect.html", appid=escape(account.appid), people=choice, code=code, target=target)
    user = chosen_user(exchange, answered(exchange))
    return user if isinstance(user, Response) else go_back(exchange, account, user, "snsapi_login")


def _picture(about: str) -> str:
    """The QR code as HTML. No phone can scan it: the page's form stands for the phone."""
    uuid = hashlib.sha256(about.encode("utf-8", "replace")).hexdigest()[:16]
    try:
        image = qr.jpeg(f"https://open.weixin.qq.com/connect/confirm?uuid={uuid}", QR_WIDTH)
    except MissingExtra as missing:
        return f'<p class="code">{escape(str(missing))}</p>'
    source = f"data:image/jpeg;base64,{b64encode(image).decode()}"
    return f'<img class="code" src="{source}" width="{QR_WIDTH}" height="{QR_WIDTH}" alt="QR code 二维码">'


ENDPOINTS = (Endpoint(QRCONNECT, None, qrconnect),)
