"""The control plane's door, /_mock/*: who may come in, which call it is, how answers and mistakes look."""

from collections.abc import Collection, Mapping
from http import HTTPStatus

from . import bridge, console, guard
from .fields import Fields, WrongField
from .guard import Refused
from .push.courier import Courier
from .push.errands import Errand
from .state import State
from .steering import TABLE, Steer
from .wire import Request, Response, compact

PREFIX = "/_mock"


class Control:
    """Answers control calls from a State. `hosts` are names beside loopback by which it may be reached.

    `courier` runs what takes its time.
    """

    def __init__(self, state: State, courier: Courier, hosts: Collection[str] = ()) -> None:
        self._state = state
        self._courier = courier
        self._hosts = hosts

    def answer(self, request: Request) -> Response:
        """A control call's answer: 200, or 4xx `{"error","field"}`."""
        try:
            guard.check(request, self._hosts)
            path = request.path.removeprefix(PREFIX)
            if file := console.find(request.method, path) or bridge.find(request, path, self._state.accounts):
                return file
            steer = _find(request)
            given = Fields(_given(request))
            with self._state.lock:
                answer = steer(self._state, given)
            return self._json(request, answer.run(self._courier) if isinstance(answer, Errand) else answer)
        except Refused as refused:
            return self._json(request, {"error": refused.error, "field": refused.field}, refused.status)
        except WrongField as wrong:
            return self._json(request, {"error": wrong.error, "field": wrong.field}, HTTPStatus.BAD_REQUEST)

    def _json(self, request: Request, payload: object, status: int = HTTPStatus.OK) -> Response:
        body = (compact(payload) + "\n").encode("utf-8", "replace")
        return Response(body, "application/json", int(status), self._cors(request))

    def _cors(self, request: Request) -> dict[str, str]:
        """Pages that may ask may read `verify`: a demo page on another port, and the bridge, wait for its judgement."""
        origin = request.headers.get("origin")
        if request.path != f"{PREFIX}/verify":
            return {}
        if origin is None or not guard.is_our_origin(origin, self._hosts):
            return {"Vary": "Origin"}
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}


def _find(request: Request) -> Steer:
    methods = TABLE.get(request.path.removeprefix(PREFIX))
    if methods is None:
        known = ", ".join(PREFIX + path for path in TABLE)
        raise Refused(HTTPStatus.NOT_FOUND, "path", f"no such control call; there are {known}")
    if request.method not in methods:
        raise Refused(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"use {' or '.join(methods)}")
    return methods[request.method]


def _given(request: Request) -> Mapping[str, object]:
    """A POST's JSON object, everybody else's query. An empty POST is an empty object."""
    if request.method != "POST":
        return request.query
    if not request.body:
        return {}
    if not isinstance(request.json, dict):
        raise WrongField("body", "the body must be a JSON object")
    return request.json
