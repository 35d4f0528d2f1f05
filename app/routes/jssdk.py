"""The public door: signatures for pages on an account's JS domains, and for no other page."""

import hmac
from collections.abc import Callable

from flask import Blueprint, Response, current_app, request

from .. import jssdk
from ..accounts import Account, PageUrl
from ..credential import Credential
from ..exceptions import PageNotAllowed
from ..provider import CredentialProvider
from ..services import current_services
from . import parameters
from .answers import json_answer

PREFIX = "/api/jssdk/"
NONCESTR = "NONCESTR"
"""where the app's config keeps the function that makes a `noncestr`"""

_BODY_BYTES = 8 * 1024
_SIGNED = ("url", "timestamp", "nonceStr", "signature")
_ADVICE = " If it belongs to the page: encode url with encodeURIComponent, or it arrives cut off at its first &."
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, POST",
    "Access-Control-Allow-Headers": "Content-Type, X-Request-ID",
    "Access-Control-Max-Age": "600",
}
_READABLE = {"Access-Control-Expose-Headers": "Retry-After, X-Request-ID"}

blueprint = Blueprint("jssdk", __name__)


@blueprint.get(PREFIX + "signature", provide_automatic_options=False)
def signature() -> Response:
    """Sign the URL of a page."""
    return json_answer(_config(parameters.query("url", "account", advice=_ADVICE)))


@blueprint.post(PREFIX + "signature", provide_automatic_options=False)
def signature_by_post() -> Response:
    """The same for callers that prefer a JSON body."""
    return json_answer(_config(parameters.json_body("url", "account", limit=_BODY_BYTES)))


@blueprint.post(PREFIX + "refused", provide_automatic_options=False)
def refused() -> Response:
    """WeChat told a page `invalid signature`: sign it anew, with a ticket that WeChat confirmed after that one.

    It takes what the signature door answers as it is.
    """
    given = parameters.json_body(*_SIGNED, "appId", "account", limit=_BODY_BYTES, numbers=["timestamp"])
    url, timestamp, noncestr, signature = (parameters.required(given, name) for name in _SIGNED)

    def successor(tickets: CredentialProvider) -> Credential:
        current = tickets.get()
        ours = jssdk.signature(jssdk.string1(current.value, noncestr, int(timestamp), url))
        return tickets.refresh(current.value) if _equal(ours, signature) else current

    return json_answer(sign(url, given.get("account", given.get("appId")), successor))


@blueprint.route(PREFIX + "signature", methods=["OPTIONS"])
@blueprint.route(PREFIX + "refused", methods=["OPTIONS"])
def preflight() -> Response:
    """A browser asks whether a page of another origin may send what it is about to send."""
    return Response(status=204, headers={"Cache-Control": "no-store"})


@blueprint.after_app_request
def _allow_our_pages(response: Response) -> Response:
    """CORS, on every answer of this door: an error that a page may not read helps nobody."""
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
    tickets = services.desk(account).jsapi_ticket
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


def _config(given: dict[str, str]) -> jssdk.Config:
    return sign(parameters.required(given, "url"), given.get("account"))
