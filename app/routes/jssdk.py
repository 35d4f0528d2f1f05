"""The public door: signatures for pages on an account's JS domains, and for no other page."""

from flask import Blueprint, Response, current_app, request

from .. import jssdk
from ..exceptions import PageNotAllowed
from ..js_domains import PageUrl
from ..services import current_services
from . import parameters
from .answers import json_answer

PREFIX = "/api/jssdk/"
NONCESTR = "NONCESTR"
"""where the app's config keeps the function that makes a `noncestr`"""

_BODY_BYTES = 8 * 1024
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


@blueprint.route(PREFIX + "signature", methods=["OPTIONS"])
def preflight() -> Response:
    """A browser asks whether a page of another origin may send what it is about to send."""
    return Response(status=204)


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


def sign(url: str, account_name: str | None = None) -> jssdk.Config:
    """What the page at `url` passes to wx.config. Raises what kept it from being signed."""
    services = current_services()
    page = PageUrl.parse(url)
    account = services.accounts.find(account_name) if account_name else services.accounts.for_page(page)
    tickets = services.desk(account).jsapi_ticket
    if tickets is None or not account.covers(page):
        raise PageNotAllowed(page.host)
    return jssdk.config(
        account.appid,
        tickets.get_recent().value,
        page.url,
        noncestr=current_app.config[NONCESTR](),
        timestamp=int(services.clock()),
    )


def _config(given: dict[str, str]) -> jssdk.Config:
    return sign(parameters.required(given, "url"), given.get("account"))
