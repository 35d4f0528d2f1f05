"""Signatures for pages on an account's JS domains, and for no other page."""

import hmac
import random
from collections.abc import Callable

from flask import Response, current_app, request

from .. import jssdk
from ..accounts import PageUrl, page_refusal
from ..credentials import CredentialProvider
from ..errors import PageNotAllowed, PageUrlWrong, UnknownAccount
from ..services import Services
from ..stores import Credential
from .current import current_services
from .endpoint import Endpoint, Endpoints
from .problems import FROM_WECHAT
from .schemas.jssdk import Page, RefusedPage, SignedPage

PREFIX = "/api/jssdk/"
SIGNATURE = PREFIX + "signature"
NONCESTR = "NONCESTR"
"""where the app's config keeps the function that makes a `noncestr`"""

_BODY_BYTES = 8 * 1024
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
READABLE = {"Access-Control-Expose-Headers": "Retry-After, X-Request-ID"}
HEADERS = ("Cache-Control", "Access-Control-Allow-Origin")
_PROBLEMS = (PageUrlWrong, PageNotAllowed, UnknownAccount, *FROM_WECHAT)
_ALLOWED = {"description": "The headers say what a page on the JS domains may send."}

blueprint = Endpoints("jssdk", __name__, listener="public", tag="Pages", headers=HEADERS)


@blueprint.view(Endpoint("GET", SIGNATURE, {200: SignedPage}, query=Page, problems=_PROBLEMS))
@blueprint.view(Endpoint("POST", SIGNATURE, {200: SignedPage}, body=Page, body_bytes=_BODY_BYTES, problems=_PROBLEMS))
def sign_page(given: Page) -> jssdk.Config:
    """Sign a page."""
    return sign(given.url, given.account)


@blueprint.view(
    Endpoint(
        "POST", PREFIX + "refused", {200: SignedPage}, body=RefusedPage, body_bytes=_BODY_BYTES, problems=_PROBLEMS
    )
)
def report_refused_signature(given: RefusedPage) -> jssdk.Config:
    """Sign a page again to which WeChat said `invalid signature`.

    If the current ticket made that signature, WeChat is asked for its ticket again: three times at most, and once more
    every 20 s.
    """

    def successor(tickets: CredentialProvider) -> Credential:
        current = tickets.get()
        ours = jssdk.signature(jssdk.string1(current.value, given.nonceStr, given.timestamp, given.url))
        # In constant time: a guess must not learn how much of it is right.
        if hmac.compare_digest(ours.encode(), given.signature.encode()):
            return tickets.refresh(current.value, public=True)
        return current

    return sign(given.url, given.account or given.appId, successor)


@blueprint.view(Endpoint("OPTIONS", SIGNATURE, {204: _ALLOWED}))
@blueprint.view(Endpoint("OPTIONS", PREFIX + "refused", {204: _ALLOWED}))
def preflight() -> Response:
    """Answer a browser that asks before it sends (CORS)."""
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
        response.headers.extend(_PREFLIGHT if request.method == "OPTIONS" else READABLE)
    return response


def random_noncestr() -> str:
    """16 hexadecimal digits, which need not be secret: they stand in the page.

    Not from the system's randomness: at each system call other threads run first.
    """
    return f"{random.getrandbits(64):016x}"


def sign(
    url: str,
    account_name: str | None = None,
    ticket: Callable[[CredentialProvider], Credential] = CredentialProvider.get_recent,
) -> jssdk.Config:
    """The argument of wx.config for the page at `url`, by the application's own services."""
    return signed(current_services(), current_app.config[NONCESTR], url, account_name, ticket)


def signed(
    services: Services,
    noncestr: Callable[[], str],
    url: str,
    account_name: str | None,
    ticket: Callable[[CredentialProvider], Credential],
) -> jssdk.Config:
    """The argument of wx.config for the page at `url`. Raises PageUrlWrong, PageNotAllowed, WeChatError and others."""
    page = PageUrl.parse(url)
    account = services.accounts.find(account_name) if account_name else services.accounts.for_page(page)
    tickets = services.for_account(account).jsapi_ticket
    if tickets is None or (account_name and not account.covers(page)):
        raise page_refusal(page, {account.kind}, account.js_domains)
    return jssdk.config(
        account.appid, ticket(tickets).value, page.url, noncestr=noncestr(), timestamp=int(services.clock())
    )
