"""The table from errors to HTTP answers: problem documents (RFC 9457, application/problem+json)."""

import logging
import math
from dataclasses import dataclass, replace
from typing import Any

from flask import Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from .. import errors, login, moderation, push
from ..wechat import hint, named_hint
from .access_log import note
from .auth import KeyNotAllowed, KeyRequired
from .endpoint import json_answer
from .reading import BodyTooLarge, ParameterWrong

_LONGEST_DETAIL = 1000
_LONGEST_HOST = 253
_PUSH_PATH = "Message pushes go to /api/push/<account>, without a slash at the end, on the listener public."
_SPELLED = {"wechat": "WeChat", "url": "URL"}

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """One type of problem. `retry_after`: seconds, where the error does not say; None: no Retry-After."""

    slug: str
    status: int
    meaning: str
    retry_after: int | None = None

    @property
    def type(self) -> str:
        """The stable name in the document."""
        return f"/problems/{self.slug}"

    @property
    def title(self) -> str:
        """The slug in words."""
        words = " ".join(_SPELLED.get(word, word) for word in self.slug.split("-"))
        return words[0].upper() + words[1:]


INTERNAL = Problem("internal", 500, "A fault of this server; its log says more under the request id.")
OTHER = Problem("bad-request", 400, "The request cannot be answered; the status says in which way.")

PROBLEMS: dict[type[Exception], Problem] = {
    ParameterWrong: Problem("parameter-wrong", 400, "A parameter is missing, unknown, repeated or of the wrong type."),
    errors.PageUrlWrong: Problem("url-wrong", 400, "The URL cannot be a page's address; the detail says what to send."),
    moderation.ImageUnreadable: Problem(
        "image-unreadable", 400, "No whole PNG, JPEG, GIF, WEBP, BMP, AVIF or HEIC; the detail says what is wrong."
    ),
    moderation.MediaUrlWrong: Problem(
        "media-url-wrong", 400, "WeChat cannot download from the media_url, or must not."
    ),
    push.PushUnreadable: Problem("push-unreadable", 400, "The push is signed and makes no sense; the detail says why."),
    errors.CodeRefused: Problem("code-refused", 400, "The code is wrong, used, older than five minutes, or another's."),
    login.DecryptionFailed: Problem(
        "decryption-failed", 400, "The session's keys do not open the data; why is not said."
    ),
    KeyRequired: Problem("key-required", 401, "The request carries no API key, or an unknown one."),
    KeyNotAllowed: Problem("key-not-allowed", 403, "The API key lacks this endpoint's scope or this account."),
    errors.PageNotAllowed: Problem("url-not-allowed", 403, "The page is outside the JS domains of the account."),
    push.PushRefused: Problem("push-refused", 403, "The push is not signed, not encrypted, or not of this moment."),
    errors.NotConfigured: Problem("not-configured", 404, "A setting that this endpoint needs is missing."),
    moderation.UnknownJob: Problem("job-unknown", 404, "No media check of the last day has this trace_id."),
    moderation.UnknownMedia: Problem("media-unknown", 404, "The link is wrong, or its hour is over."),
    errors.AccountKindWrong: Problem(
        "account-kind-wrong", 400, "The account is of a kind that WeChat gives nothing of the sort."
    ),
    errors.LoginNotAllowed: Problem("login-not-allowed", 403, "`next` is on none of the account's login origins."),
    login.LoginFailed: Problem("login-failed", 400, "A login that came back cannot be finished; start it again."),
    login.TicketRefused: Problem(
        "ticket-refused", 404, "The ticket is unknown, used or too old, or the verifier is not its challenge's."
    ),
    login.UnknownSession: Problem(
        "session-unknown", 404, "The session is another key's, or has ended: the user logs in again."
    ),
    errors.UnknownAccount: Problem("account-unknown", 404, "No such account is configured."),
    NotFound: Problem("not-found", 404, "There is nothing at this path."),
    MethodNotAllowed: Problem("method-not-allowed", 405, "The path is right, the method is not; see Allow."),
    BodyTooLarge: Problem("body-too-large", 413, "The body has more bytes than this endpoint takes."),
    moderation.TextTooLong: Problem("text-too-long", 413, "The text has more characters than are checked at once."),
    moderation.ImageTooLarge: Problem(
        "image-too-large", 413, "The image has more pixels or frames than are decoded here."
    ),
    errors.MinuteLimitReached: Problem("wechat-minute-limit", 429, "Too many calls for WeChat in this minute.", 60),
    errors.DayLimitReached: Problem("wechat-day-limit", 503, "WeChat's quota for the day is used up.", 900),
    errors.ConfigurationRefused: Problem(
        "wechat-configuration",
        503,
        "AppID, secret, IP address or account: a person has to change something; the hint says what.",
        60,
    ),
    errors.WeChatBusy: Problem("wechat-busy", 503, "WeChat asks to try again.", 2),
    errors.WeChatUnavailable: Problem(
        "wechat-unavailable", 503, "WeChat cannot be reached, or its answer is of no use.", 2
    ),
    errors.ChecksBusy: Problem("checks-busy", 503, "As many texts and images are being checked as may be at once.", 2),
    errors.DoctorBusy: Problem("doctor-busy", 503, "The doctor began less than 10 s ago.", 10),
    moderation.ImagesBusy: Problem(
        "images-busy", 503, "Images are decoded one at a time, and others are waiting already.", 2
    ),
    errors.CredentialUnavailable: Problem(
        "credential-unavailable", 503, "There is no valid credential at the moment.", 1
    ),
    errors.NoTokenHere: Problem(
        "no-token-here", 503, "WeChat is called through another central server, which has the token; see the hint.", 60
    ),
    errors.StoreUnavailable: Problem("store-unavailable", 503, "The store of the credentials does not answer.", 1),
    login.CodeLost: Problem(
        "code-lost", 502, "No usable answer to the exchange: the code may be used up, the user starts again."
    ),
    errors.AccessTokenRefused: Problem("wechat-token-refused", 502, "A new access_token was refused as well."),
    push.PushNotForwarded: Problem(
        "push-not-forwarded", 502, "The account's own server did not take the push in time."
    ),
    errors.WeChatRefused: Problem("wechat-refused", 502, "WeChat's errcode and errmsg say why."),
    HTTPException: OTHER,
    Exception: INTERNAL,
}
"""by the nearest class of the error"""

FROM_WECHAT = tuple(
    kind
    for kind in PROBLEMS
    if issubclass(kind, errors.WeChatError | errors.CredentialUnavailable | errors.StoreUnavailable)
    and kind is not errors.CodeRefused
)
"""an endpoint that needs WeChat, or a credential, may raise any of these"""


def answer(error: Exception) -> Response:
    """The problem document for an error."""
    problem = problem_of(error)
    note(request.environ, "problem", problem.slug)
    if isinstance(error, errors.PageNotAllowed):  # the page itself sees a CORS failure alone
        note(request.environ, "host", error.host[:_LONGEST_HOST])
    if problem is INTERNAL:
        _log.error("unexpected error", exc_info=error)
    response = json_answer(document(error), problem.status, mimetype="application/problem+json")
    response.headers.extend(_headers(problem, error))
    return response


def problem_of(error: Exception) -> Problem:
    """The row for an error: that of its nearest class. An HTTP error without a row keeps its status."""
    problem = next(PROBLEMS[kind] for kind in type(error).__mro__ if kind in PROBLEMS)
    if problem is OTHER and isinstance(error, HTTPException) and error.code:
        return replace(problem, status=error.code) if error.code < 500 else INTERNAL
    return problem


def document(error: Exception) -> dict[str, Any]:
    """The JSON of the problem document for an error."""
    problem = problem_of(error)
    document: dict[str, Any] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": _detail(problem, error)[:_LONGEST_DETAIL],
    }
    if (seconds := _retry_after(problem, error)) is not None:
        document["retry_after"] = seconds
    if isinstance(error, errors.WeChatRefused):
        facts = {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid, "hint": hint(error)}
        document |= {name: value for name, value in facts.items() if value is not None}
    if isinstance(error, errors.NoTokenHere):
        document["hint"] = named_hint("no_token_here")
    return document


def _detail(problem: Problem, error: Exception) -> str:
    if isinstance(error, NotFound) and request.path.startswith("/api/push"):
        return _PUSH_PATH
    if problem is INTERNAL or isinstance(error, NotFound | errors.StoreUnavailable):  # a path is nothing for callers
        return problem.meaning
    if isinstance(error, MethodNotAllowed):
        return f"This path takes {', '.join(sorted(error.valid_methods or ()))}."
    if isinstance(error, HTTPException):
        return error.description or problem.meaning
    return str(error)


def _headers(problem: Problem, error: Exception) -> dict[str, str]:
    headers = {}
    if isinstance(error, HTTPException):
        headers = {name: value for name, value in error.get_headers() if name not in ("Content-Type", "Content-Length")}
    if isinstance(error, KeyRequired):
        headers["WWW-Authenticate"] = "Bearer"
    if (seconds := _retry_after(problem, error)) is not None:
        headers["Retry-After"] = str(seconds)
    return headers


def _retry_after(problem: Problem, error: Exception) -> int | None:
    """After how many seconds to try again, if that helps at all."""
    if problem.retry_after is None:
        return None
    wait = error.retry_after if isinstance(error, errors.CentralServerError) else None
    return max(1, math.ceil(problem.retry_after if wait is None else wait))
