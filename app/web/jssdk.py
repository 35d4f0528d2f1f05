"""Signatures for pages on an account's JS domains, and for no other page."""

import hmac
from collections.abc import Callable

from flask import Response, current_app, request

from .. import jssdk
from ..accounts import Account, PageUrl
from ..credentials import CredentialProvider
from ..errors import PageNotAllowed, PageUrlWrong, UnknownAccount
from ..services import current_services
from ..stores import Credential
from .endpoint import Endpoint, Endpoints
from .problems import FROM_WECHAT
from .schemas.jssdk import Page, RefusedPage, SignedPage

PREFIX = "/api/jssdk/"
NONCESTR = "NONCESTR"
"""where the app's config keeps the function that makes a `noncestr`"""

_BODY_BYTES = 8 * 1024
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
_READABLE = {"Access-Control-Expose-Headers": "Retry-After, X-Request-ID"}
_HEADERS = ("Cache-Control", "Access-Control-Allow-Origin")
_PROBLEMS = (PageUrlWrong, PageNotAllowed, UnknownAccount, *FROM_WECHAT)
_ALLOWED = {"description": "The headers say what a page on the JS domains may send."}

blueprint = Endpoints("jssdk", __name__, listener="public", tag="Pages", headers=_HEADERS)


@blueprint.view(Endpoint("GET", PREFIX + "signature", {200: SignedPage}, query=Page, problems=_PROBLEMS))
def sign_page(given: Page) -> jssdk.Config:
    """Sign a page."""
    return sign(given.url, given.account)


@blueprint.view(
    Endpoint("POST", PREFIX + "signature", {200: SignedPage}, body=Page, body_bytes=_BODY_BYTES, problems=_PROBLEMS)
)
def sign_page_by_post(given: Page) -> jssdk.Config:
    """Sign a page, its address in a JSON body."""
    return sign(given.url, given.account)


@blueprint.view(
    Endpoint(
        "POST", PREFIX + "refused", {200: SignedPage}, body=RefusedPage, body_bytes=_BODY_BYTES, problems=_PROBLEMS
    )
)
def report_refused_signature(given: RefusedPage) -> jssdk.Config:
    """WeChat told a page `invalid signature`: sign it anew.

    If it was made with the current ticket, WeChat is asked for its ticket again: three times at most, and once more
    every 20 s.
    """

    def successor(tickets: CredentialProvider) -> Credential:
        current = tickets.get()
        ours = jssdk.signature(jssdk.string1(current.value, given.nonceStr, given.timestamp, given.url))
        return tickets.refresh(current.value, public=True) if _equal(ours, given.signature) else current

    return sign(given.url, given.account or given.appId, successor)


@blueprint.view(Endpoint("OPTIONS", PREFIX + "signature", {204: _ALLOWED}))
def ask_before_signing() -> Response:
    """A browser asks before it sends (CORS)."""
    return _preflight()


@blueprint.view(Endpoint("OPTIONS", PREFIX + "refused", {204: _ALLOWED}))
def ask_before_reporting() -> Response:
    """A browser asks before it sends (CORS)."""
    return _preflight()


def _preflight() -> Response:
    return Response(status=204, headers={"Cache-Control": "no-store"})


@blueprint.after_app_request
def _allow_our_pages(response: Response) -> Response:
    """CORS, on errors too: a page has to read them."""
    if not request.path.startswith(PREFIX):
        return response
    response.headers["Vary"] = "Origin"
    origin = request.environ.get("HTTP_ORIGIN")
    if origin and current_services().accounts.allows_origin(origin):
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers.extend(_PREFLIGHT if request.method == "OPTIONS" else _READABLE)
    return response


def _equal(one: str, other: str) -> bool:
    """Compared in constant time: a guess must not learn how much of it is right."""
    return hmac.compare_digest(one.encode(), other.encode())


def sign(
    url: str,
    account_name: str | None = None,
    ticket: Callable[[CredentialProvider], Credential] = CredentialProvider.get_recent,
) -> jssdk.Config:
    """What the page at `url` passes to wx.config. Raises what kept it from being signed."""
    services = current_services()
    page = PageUrl.parse(url)
    account = _account(page, account_name)
    tickets = services.for_account(account).jsapi_ticket
    if tickets is None:
        raise PageNotAllowed(page.host)
    return jssdk.config(
        account.appid,
        ticket(tickets).value,
        page.url,
        noncestr=current_app.config[NONCESTR](),
        timestamp=int(services.clock()),
    )


def _account(page: PageUrl, name: str | None) -> Account:
    accounts = current_services().accounts
    if not name:
        return accounts.for_page(page)
    account = accounts.find(name)
    if not account.covers(page):
        raise PageNotAllowed(page.host)
    return account
