"""WeChat's front door: one request in, one response out, each step whole under one lock."""

from dataclasses import replace
from http import HTTPStatus

from . import pages
from .api import ENDPOINTS, Endpoint, Exchange
from .api.authorize import PATH as AUTHORIZE
from .errors import WeChatError, error_payload
from .fault import Fault
from .quirks import encoded
from .recording import identify, record
from .state import State
from .wire import Request, Response

FAMILIES = ("/cgi-bin/", "/wxa/", "/sns/")


class Platform:
    """Answers WeChat's paths from a State, and writes each call down."""

    def __init__(self, state: State) -> None:
        self._state = state

    def answer(self, request: Request) -> Response:
        """The answer to one call; a faulty delivery is described in it, not carried out."""
        state = self._state
        with state.lock:
            exchange = Exchange(state, request, state.clock())
            state.rivals.visit(state.accounts.values(), state.vault, exchange.now)
            caller = identify(exchange)
            fault = state.faults.take(request.path, caller.appid)
            account = state.accounts.get(caller.appid or "")
            exchange.quirks = frozenset((*(account.quirks if account else ()), *(fault.quirks if fault else ())))
            response, errcode = self._respond(exchange, fault)
            call = record(exchange, caller, response, errcode)
            state.calls.add(call)
            if exchange.rid:
                state.rids.add(exchange.rid, call)
        return response

    def _respond(self, exchange: Exchange, fault: Fault | None) -> tuple[Response, int | None]:
        if fault is None:
            return self._process(exchange)
        exchange.notes.append("fault")
        if fault.drop == "before":
            return replace(_EMPTY, delivery=fault.delivery), None
        if fault.processed or not fault.replaces_answer:
            response, errcode = self._process(exchange)
        if fault.replaces_answer:
            response, errcode = self._faulty(exchange, fault)
        content_type = fault.content_type or response.content_type
        return replace(response, content_type=content_type, delivery=fault.delivery), errcode

    def _process(self, exchange: Exchange) -> tuple[Response, int | None]:
        try:
            answer = _endpoint(exchange).handle(exchange)
        except WeChatError as error:
            return self._error(exchange, error), error.errcode
        if isinstance(answer, Response):
            return answer, None
        errcode = answer.get("errcode")
        return _json(exchange, answer), errcode if isinstance(errcode, int) else None

    def _error(self, exchange: Exchange, error: WeChatError) -> Response:
        path = exchange.request.path
        if path == AUTHORIZE:
            return pages.error(error.errcode, error.errmsg)
        exchange.rid = self._state.new_rid()
        return _json(exchange, error_payload(error.errcode, error.errmsg, path, exchange.rid, exchange.quirks))

    def _faulty(self, exchange: Exchange, fault: Fault) -> tuple[Response, int | None]:
        status = fault.status or HTTPStatus.OK.value
        if fault.errcode is None:
            body = _gateway_page(status) if fault.body is None else fault.body
            usual = _content_type(exchange) if fault.status is None else "text/html"
            response = Response(body.encode("utf-8", "replace"), usual, status)
        else:
            response = replace(self._error(exchange, WeChatError(fault.errcode, fault.errmsg)), status=status)
        return response, fault.errcode


_EMPTY = Response(b"", "text/plain")


def is_wechat_path(path: str) -> bool:
    return path.startswith(FAMILIES) or path == AUTHORIZE


def _endpoint(exchange: Exchange) -> Endpoint:
    endpoint = ENDPOINTS.get(exchange.request.path)
    if endpoint is None:
        raise WeChatError(40066)
    if endpoint.method and exchange.request.method != endpoint.method:
        raise WeChatError(43001 if endpoint.method == "GET" else 43002)
    return endpoint


def _json(exchange: Exchange, payload: dict[str, object]) -> Response:
    return Response(encoded(payload, exchange.quirks), _content_type(exchange))


def _content_type(exchange: Exchange) -> str:
    """WeChat has two (WECHAT.md 0.2)."""
    return "text/plain" if exchange.request.path.startswith("/sns/") else "application/json; encoding=utf-8"


def _gateway_page(status: int) -> str:
    title = f"{status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else str(status)
    return f"<html>\r\n<head><title>{title}</title></head>\r\n<body><h1>{title}</h1></body>\r\n</html>\r\n"
