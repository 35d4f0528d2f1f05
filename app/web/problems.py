"""The one table from what went wrong to what HTTP says (RFC 9457, application/problem+json)."""

import logging
import math
from dataclasses import dataclass, replace
from typing import Any

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound

from ..errors import (
    AccessTokenRefused,
    CentralRefused,
    CentralServerError,
    CentralUnavailable,
    ChecksBusy,
    ConfigurationRefused,
    CredentialUnavailable,
    DayLimitReached,
    DoorClosed,
    ImagesBusy,
    ImageTooLarge,
    ImageUnreadable,
    MediaUrlWrong,
    MinuteLimitReached,
    PageNotAllowed,
    PageUrlWrong,
    PushNotForwarded,
    PushRefused,
    PushUnreadable,
    StoreUnavailable,
    TextTooLong,
    UnknownAccount,
    UnknownJob,
    UnknownMedia,
    WeChatBusy,
    WeChatError,
    WeChatRefused,
    WeChatUnavailable,
)
from ..wechat import hint
from .access_log import note
from .answers import json_answer
from .errors import BodyTooLarge, KeyNotAllowed, KeyRequired, ParameterWrong

_LONGEST_DETAIL = 1000
_LONGEST_HOST = 253

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Problem:
    """One type of problem. `retry_after`: seconds to say when the error does not know better; None: say nothing."""

    slug: str
    status: int
    title: str
    meaning: str
    retry_after: int | None = None

    @property
    def type(self) -> str:
        """The stable name in the document."""
        return f"/problems/{self.slug}"


INTERNAL = Problem("internal", 500, "Internal error", "A fault of this server; its log says more under the request id.")
OTHER = Problem("bad-request", 400, "Bad request", "The request cannot be answered; the status says in which way.")

PROBLEMS: dict[type[Exception], Problem] = {
    ParameterWrong: Problem(
        "parameter-wrong", 400, "Parameter wrong", "A parameter is missing, unknown, repeated or of the wrong type."
    ),
    PageUrlWrong: Problem(
        "url-wrong", 400, "Page URL wrong", "The URL cannot be a page's address; the detail says what to send."
    ),
    ImageUnreadable: Problem(
        "image-unreadable",
        400,
        "Image unreadable",
        "No whole PNG, JPEG, GIF, WEBP, BMP, AVIF or HEIC; the detail says what is wrong.",
    ),
    MediaUrlWrong: Problem(
        "media-url-wrong", 400, "Media URL wrong", "WeChat cannot download from the media_url, or must not."
    ),
    PushUnreadable: Problem(
        "push-unreadable", 400, "Push unreadable", "The push is signed and makes no sense; the detail says why."
    ),
    KeyRequired: Problem("key-required", 401, "API key required", "The request carries no API key, or an unknown one."),
    KeyNotAllowed: Problem(
        "key-not-allowed", 403, "API key not allowed", "The API key lacks this endpoint's scope or this account."
    ),
    PageNotAllowed: Problem(
        "url-not-allowed", 403, "Page URL not allowed", "The page is outside the JS domains of the account."
    ),
    PushRefused: Problem(
        "push-refused", 403, "Push refused", "The push is not signed, not encrypted, or not of this moment."
    ),
    DoorClosed: Problem("door-closed", 404, "Door closed", "A setting that this endpoint needs is missing."),
    UnknownJob: Problem("job-unknown", 404, "Job unknown", "No media check of the last day has this trace_id."),
    UnknownMedia: Problem("media-unknown", 404, "Media unknown", "The link is wrong, or its hour is over."),
    UnknownAccount: Problem("account-unknown", 404, "Account unknown", "No such account is configured."),
    NotFound: Problem("not-found", 404, "Not found", "There is nothing at this path."),
    MethodNotAllowed: Problem(
        "method-not-allowed", 405, "Method not allowed", "The path is right, the method is not; see Allow."
    ),
    BodyTooLarge: Problem("body-too-large", 413, "Body too large", "The body has more bytes than this endpoint takes."),
    TextTooLong: Problem(
        "text-too-long", 413, "Text too long", "The text has more characters than are checked at once."
    ),
    ImageTooLarge: Problem(
        "image-too-large", 413, "Image too large", "The image has more pixels or frames than are decoded here."
    ),
    MinuteLimitReached: Problem(
        "wechat-minute-limit", 429, "WeChat's minute limit reached", "Too many calls for WeChat in this minute.", 60
    ),
    DayLimitReached: Problem(
        "wechat-day-limit", 503, "WeChat's day limit reached", "WeChat's quota for the day is used up.", 900
    ),
    ConfigurationRefused: Problem(
        "wechat-configuration",
        503,
        "WeChat refuses our configuration",
        "AppID, secret, IP address or account: a person has to change something; the hint says what.",
        60,
    ),
    WeChatBusy: Problem("wechat-busy", 503, "WeChat is busy", "WeChat asks to try again.", 2),
    WeChatUnavailable: Problem(
        "wechat-unavailable", 503, "WeChat unavailable", "WeChat cannot be reached, or its answer is of no use.", 2
    ),
    CentralRefused: Problem(
        "central-refused",
        503,
        "The central server refuses us",
        "Central mode: the central server does not take this server's key, or does not have the account.",
        60,
    ),
    CentralUnavailable: Problem(
        "central-unavailable",
        503,
        "Central server unavailable",
        "Central mode: the central server cannot be reached, or has nothing to give.",
        2,
    ),
    ChecksBusy: Problem(
        "checks-busy", 503, "Checks busy", "As many texts and images are being checked as may be at once.", 2
    ),
    ImagesBusy: Problem(
        "images-busy", 503, "Images busy", "Images are decoded one at a time, and others are waiting already.", 2
    ),
    CredentialUnavailable: Problem(
        "credential-unavailable", 503, "Credential unavailable", "There is no valid credential at the moment.", 1
    ),
    StoreUnavailable: Problem(
        "store-unavailable", 503, "Store unavailable", "The store of the credentials does not answer.", 1
    ),
    AccessTokenRefused: Problem(
        "wechat-token-refused", 502, "WeChat refuses the access_token", "A new access_token was refused as well."
    ),
    PushNotForwarded: Problem(
        "push-not-forwarded", 502, "Push not forwarded", "The account's own server did not take the push in time."
    ),
    WeChatRefused: Problem("wechat-refused", 502, "WeChat refuses the call", "WeChat's errcode and errmsg say why."),
    HTTPException: OTHER,
    Exception: INTERNAL,
}
"""by the nearest class of the error"""

FROM_WECHAT = tuple(
    kind for kind in PROBLEMS if issubclass(kind, WeChatError | CredentialUnavailable | StoreUnavailable)
)
"""an endpoint that needs WeChat, or a credential, may raise any of these"""


def register(app: Flask) -> None:
    """Answer every error of this app with a problem document."""
    app.register_error_handler(Exception, answer)


def answer(error: Exception) -> Response:
    """The problem document for an error."""
    problem = problem_of(error)
    note(request.environ, "problem", problem.slug)
    if isinstance(error, PageNotAllowed):  # the page itself sees a CORS failure alone
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
    """What is said of an error, as JSON."""
    problem = problem_of(error)
    document: dict[str, Any] = {
        "type": problem.type,
        "title": problem.title,
        "status": problem.status,
        "detail": _detail(problem, error)[:_LONGEST_DETAIL],
    }
    if (seconds := _retry_after(problem, error)) is not None:
        document["retry_after"] = seconds
    if isinstance(error, WeChatRefused):
        said = {"errcode": error.errcode, "errmsg": error.errmsg, "rid": error.rid, "hint": hint(error)}
        document |= {name: value for name, value in said.items() if value is not None}
    return document


def _detail(problem: Problem, error: Exception) -> str:
    if problem is INTERNAL or isinstance(error, NotFound | StoreUnavailable):  # a path is nothing for callers
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
    wait = error.retry_after if isinstance(error, CentralServerError) else None
    return max(1, math.ceil(problem.retry_after if wait is None else wait))
