"""WeChat's paths: each request gets a response and an entry in the call log."""

import hashlib
from dataclasses import replace
from http import HTTPStatus

from ..errors import WeChatError
from ..extras import MissingExtra
from ..families import LOGIN_PAGES
from ..quirks import encoded, error_payload
from ..state import State
from ..state.calls import Call, Mask, TokenState
from ..state.credentials import Generation
from ..state.faults import Fault
from ..wire import Request, Response, compact
from . import ENDPOINTS, Endpoint, Exchange
from .login_page import error_page
from .taught import taught_answer

_EMPTY = Response(b"", "text/plain")

_Caller = tuple[str | None, TokenState | None, Generation | None]
"""The appid in a call, and the state and generation of its access_token before the call was processed."""


def answer(state: State, request: Request) -> Response:
    """Answer and log one call to a WeChat path. The answer describes a faulty delivery, but does not carry it out."""
    with state.lock:
        exchange = Exchange(state, request, state.clock())
        state.credentials.fetch_elsewhere(state.accounts.values(), exchange.now)
        caller = _identify(exchange)
        appid = caller[0]
        fault = state.faults.take(request.path, appid)
        account = state.accounts.get(appid or "")
        exchange.quirks = frozenset((*(account.quirks if account else ()), *(fault.quirks if fault else ())))
        response, errcode = _respond(exchange, fault)
        call = _log_entry(exchange, caller, response, errcode)
        state.calls.add(call)
        if exchange.rid:
            state.rids.put(exchange.rid, call)
    return response


def require_https(state: State, request: Request) -> Response:
    """The response to plain http. It is not logged: a real client of WeChat never sends it."""
    with state.lock:
        return _error(Exchange(state, request, state.clock()), WeChatError(43003))[0]


def _respond(exchange: Exchange, fault: Fault | None) -> tuple[Response, int | None]:
    if fault is None:
        return _process(exchange)
    exchange.notes.append("fault")
    if fault.drop == "before":
        return replace(_EMPTY, delivery=fault.delivery), None
    if fault.processed or not fault.replaces_answer:
        response, errcode = _process(exchange)
    if fault.replaces_answer:
        response, errcode = _faulty(exchange, fault), fault.errcode
        exchange.issued = None
    content_type = fault.content_type or response.content_type
    return replace(response, content_type=content_type, delivery=fault.delivery), errcode


def _process(exchange: Exchange) -> tuple[Response, int | None]:
    endpoint = ENDPOINTS.get(exchange.request.path)
    taught = exchange.state.answers.find(exchange.request.path, built_in=endpoint is not None)
    try:
        answer = taught_answer(exchange, taught) if taught or endpoint is None else _built_in(exchange, endpoint)
    except WeChatError as error:
        return _error(exchange, error)
    except MissingExtra as missing:  # not WeChat's answer: this mock lacks a package
        body = compact({"error": str(missing)}).encode()
        return Response(body, "application/json", HTTPStatus.NOT_IMPLEMENTED.value), None
    if isinstance(answer, Response):
        return answer, None
    errcode = answer.get("errcode")
    response = _json(exchange, answer, escapes_slashes=endpoint is not None and endpoint.escapes_slashes)
    return response, errcode if isinstance(errcode, int) else None


def _built_in(exchange: Exchange, endpoint: Endpoint) -> dict[str, object] | Response:
    """What an endpoint answers. Raises WeChatError."""
    if endpoint.method not in (None, exchange.request.method):
        raise WeChatError(43001 if endpoint.method == "GET" else 43002)
    return endpoint.handle(exchange)


def _error(exchange: Exchange, error: WeChatError) -> tuple[Response, int]:
    path = exchange.request.path
    if path in LOGIN_PAGES:
        return error_page(error.errcode, error.errmsg), error.errcode
    exchange.rid = exchange.state.new_rid()
    payload = error_payload(error.errcode, error.errmsg, path, exchange.rid, exchange.quirks)
    return _json(exchange, payload), error.errcode


def _faulty(exchange: Exchange, fault: Fault) -> Response:
    status = fault.status or HTTPStatus.OK.value
    if fault.errcode is not None:
        response, _ = _error(exchange, WeChatError(fault.errcode, fault.errmsg))
        return replace(response, status=status)
    body = fault.body
    if body is None:  # as a gateway answers
        title = f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)
        body = f"<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n"
    content_type = _content_type(exchange) if fault.status is None else "text/html"
    return Response(body.encode("utf-8", "replace"), content_type, status)


def _json(exchange: Exchange, payload: dict[str, object], *, escapes_slashes: bool = False) -> Response:
    body = encoded(payload, exchange.quirks)
    if escapes_slashes or _is_sns(exchange):
        body = body.replace(b"/", b"\\/")
    return Response(body, _content_type(exchange))


def _content_type(exchange: Exchange) -> str:
    """WeChat has two (WECHAT.md 0.2)."""
    return "text/plain" if _is_sns(exchange) else "application/json; encoding=utf-8"


def _is_sns(exchange: Exchange) -> bool:
    return exchange.request.path.startswith("/sns/")


def _identify(exchange: Exchange) -> _Caller:
    request = exchange.request
    value = request.query.get("access_token")
    issued = exchange.state.credentials.find(value) if value else None
    if issued and not issued.is_ticket:
        return issued.appid, issued.state(exchange.now), issued.identity
    grant = exchange.state.grants.find(value) if value else None
    if value and grant and request.path.startswith("/sns/"):  # a user's token; unknown to other paths
        return grant.appid, "current" if grant.is_alive(value, exchange.now) else "dead", None
    appid = request.query.get("appid") or request.json_object.get("appid")
    return appid if isinstance(appid, str) else None, "unknown" if value else None, None


def _log_entry(exchange: Exchange, caller: _Caller, response: Response, errcode: int | None) -> Call:
    """The log entry of a call; a dropped call has no answer."""
    request, state = exchange.request, exchange.state
    secrets = [account.secret for account in state.accounts.values()]
    mask = Mask(secrets)
    dropped = response.delivery.drop
    appid, token_state, used = caller
    return Call(
        id=state.calls.next_id(),
        at=exchange.now,
        client=request.client_ip,
        method=request.method,
        path=mask.line(request.path),
        query=mask.mapping(request.query),
        headers=mask.mapping(request.headers),
        body=mask.text(request.body),
        body_length=len(request.body),
        body_sha256=hashlib.sha256(request.body).hexdigest(),
        appid=appid,
        token_state=token_state,
        used=used,
        issued=exchange.issued.identity if exchange.issued else None,
        status=None if dropped else response.status,
        errcode=None if dropped else errcode,
        answer=None if dropped else mask.text(response.body),
        notes=(*exchange.notes, *(["secret_leaked"] if _leaks_one_of(secrets, request) else [])),
    )


def _leaks_one_of(secrets: list[str], request: Request) -> bool:
    """Whether an AppSecret was sent to an endpoint that takes none."""
    endpoint = ENDPOINTS.get(request.path)
    if endpoint and endpoint.takes_secret:
        return False
    texts = (request.path, *request.query.values(), *request.headers.values())
    return any(secret.encode() in request.body or any(secret in text for text in texts) for secret in secrets)
