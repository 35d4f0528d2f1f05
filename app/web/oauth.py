"""Web login: the browser goes to WeChat, comes back here, and goes to the site with a ticket for its backend."""

import secrets
from dataclasses import asdict

from flask import Response, make_response, render_template, request

from ..accounts import ApiKey
from ..errors import AccountKindWrong, ChecksBusy, LoginNotAllowed, NotConfigured, PageUrlWrong, StoreUnavailable
from ..login import ATTEMPT_SECONDS, LoginFailed, LoginRequest, TicketRefused, cookie_id, kind_for, origin_of
from .access_log import note
from .current import current_services
from .endpoint import Endpoint, Endpoints, Part
from .schemas.oauth import Callback, LoggedInUser, Redeem, Start

_COOKIES = 5
"""attempts of one browser at a time; a new one drops the oldest"""
_COOKIE = "wxl-"
_LONGEST = 128
_BODY_BYTES = 4096
_STATUSES = {"wechat": 502, "busy": 503}

blueprint = Endpoints("oauth", __name__, listener="public", tag="Web login")
redeem_blueprint = Endpoints("oauth_redeem", __name__, listener="internal", tag="Web login")

_PAGE = {"text/html": {"schema": {"type": "string"}}}
_TO_WECHAT = {"description": "To WeChat's page, with a cookie for this attempt."}
_TO_SITE = {"description": "To `next`, with `ticket` and the site's own `state`."}
_START_AGAIN: Part = {"description": "A page that says why, with a button that starts again.", "content": _PAGE}
_SECONDS = {"required": True, "description": "Seconds.", "schema": {"type": "string", "pattern": "^[1-9][0-9]*$"}}
_LATER = _START_AGAIN | {"headers": {"Retry-After": _SECONDS}}
_PROBLEMS = (PageUrlWrong, AccountKindWrong, LoginNotAllowed, NotConfigured)


@blueprint.view(Endpoint("GET", "/api/oauth/start", {302: _TO_WECHAT, 503: _LATER}, query=Start, problems=_PROBLEMS))
def start_login(given: Start) -> Response:
    """Send the browser to WeChat.

    `next` must be on the account's login origins (`WECHAT_LOGIN_ORIGINS`).
    """
    services = current_services()
    origin = origin_of(given.next)
    accounts = services.accounts
    account = accounts.find(given.account) if given.account else accounts.for_login(origin, kind_for(given.scope))
    asked = LoginRequest(given.next, given.challenge, given.scope, given.state)
    begun = services.web_login.begin(account, asked, services.open_base)
    response = _redirect(begun.url)
    _set_cookie(response, begun.cookie_id, begun.cookie)
    return response


@blueprint.view(
    Endpoint(
        "GET",
        "/api/oauth/callback",
        {302: _TO_SITE, 400: _START_AGAIN, 502: _START_AGAIN, 503: _LATER},
        query=Callback,
        problems=(NotConfigured,),
    )
)
def finish_login() -> Response:
    """WeChat sends the browser back: send it on to the site.

    The code is exchanged once. The same callback within a minute leads to the same address, every other one to a page
    that starts again.
    """
    state, code = (request.args.get(name, "") for name in ("state", "code"))
    if max(len(state), len(code)) > _LONGEST:
        raise LoginFailed("unknown")
    cookie = request.cookies.get(_cookie_prefix() + cookie_id(state), "")
    return _redirect(current_services().web_login.finish(state, code, cookie))


@redeem_blueprint.view(
    Endpoint(
        "POST",
        "/api/oauth/redeem",
        {200: LoggedInUser},
        scope="oauth",
        body=Redeem,
        body_bytes=_BODY_BYTES,
        problems=(TicketRefused, NotConfigured, StoreUnavailable),
    )
)
def redeem_ticket(key: ApiKey, given: Redeem) -> LoggedInUser:
    """The user whom a ticket is for: once, within a minute, with the verifier of the login's challenge."""
    accounts = current_services().accounts
    user = current_services().web_login.redeem(
        given.ticket, given.verifier, lambda appid: key.allows_account(accounts.find(appid).name)
    )
    return LoggedInUser(account=accounts.find(user.appid).name, **asdict(user))


@blueprint.errorhandler(LoginFailed)
@blueprint.errorhandler(ChecksBusy)
@blueprint.errorhandler(StoreUnavailable)
def _start_again(error: LoginFailed | ChecksBusy | StoreUnavailable) -> Response:
    """A page for the user; the log has the reason."""
    failed = error if isinstance(error, LoginFailed) else LoginFailed("busy", _asked_again())
    note(request.environ, "login", failed.reason)
    nonce = secrets.token_urlsafe(16)
    page = render_template("wechat/login_failed.html", failed=failed, nonce=nonce)
    response = make_response(page, _STATUSES.get(failed.reason, 400))
    response.headers["Content-Security-Policy"] = (
        f"default-src 'none'; style-src 'nonce-{nonce}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
    if response.status_code == 503:
        response.headers["Retry-After"] = "2"
    return response


@blueprint.after_request
def _private(response: Response) -> Response:
    """These addresses hold codes and tickets: no cache may keep an answer, and no other site may see the address."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _asked_again() -> str:
    """The query of the current request, if it is one that starts a login."""
    return request.environ["QUERY_STRING"] if request.path.endswith("/start") else ""


def _redirect(url: str) -> Response:
    """A redirect without Flask's own, which changes the address and repeats it in a page."""
    return Response(status=302, headers={"Location": url})


def _cookie_prefix() -> str:
    # Browsers take __Host- by https alone, and tie such a cookie to this host and to / (RFC 6265bis 4.1.3.2).
    return f"__Host-{_COOKIE}" if current_services().web_login.secure else _COOKIE


def _set_cookie(response: Response, attempt: str, value: str) -> None:
    """Set this attempt's cookie, and delete the oldest ones."""
    prefix, secure = _cookie_prefix(), current_services().web_login.secure
    others = [name for name in request.cookies if name.startswith(prefix)]  # browsers send the oldest first
    for name in others[: max(0, len(others) - _COOKIES + 1)]:
        response.delete_cookie(name, secure=secure, httponly=True, samesite="Lax")
    response.set_cookie(
        prefix + attempt, value, max_age=int(ATTEMPT_SECONDS), secure=secure, httponly=True, samesite="Lax"
    )
