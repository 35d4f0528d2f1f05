"""The control plane, /_mock/*: access checks, dispatch, and the form of answers and errors."""

from collections.abc import Callable, Collection, Mapping
from http import HTTPStatus
from urllib.parse import urlsplit

from .. import bridge, console
from ..extras import MissingExtra
from ..fields import Fields, WrongField
from ..push.delivery import MessagePush
from ..state import State
from ..wire import Request, Response, compact, is_loopback
from . import actions, answers, logins, media, messages, running, sent
from .action import Action

PREFIX = "/_mock"

ACTIONS: dict[str, dict[str, Action]] = {
    path: methods
    for subject in (actions, answers, logins, media, messages, running, sent)
    for path, methods in subject.ACTIONS.items()
}

PushAction = Callable[[MessagePush, Fields], object]
PUSH_ACTIONS: dict[str, dict[str, PushAction]] = {
    "/push": {"POST": lambda push, given: {"pushes": push.deliver_waiting(given)}},
    "/push/check": {"POST": MessagePush.url_check},
    "/messages": {"POST": lambda push, given: push.users.send(given)},
}
"""These control calls make HTTP calls, so they run without the state's lock."""


class Control:
    """Answers control calls. `hosts` are host names, beside loopback's, that reach the control plane."""

    def __init__(self, state: State, push: MessagePush, hosts: Collection[str]) -> None:
        self._state = state
        self._push = push
        self._hosts = {host.lower() for host in hosts}

    def answer(self, request: Request) -> Response:
        """Answer a control call: 200, or 4xx `{"error","field"}`."""
        try:
            self._check_access(request)
            path = request.path.removeprefix(PREFIX)
            if file := console.find(request.method, path) or bridge.find(request, path, self._state.accounts):
                return file
            result = self._result(request, path)
            return result if isinstance(result, Response) else self._json(request, result)
        except WrongField as wrong:
            return self._json(request, {"error": wrong.error, "field": wrong.field}, wrong.status)
        except MissingExtra as missing:
            return self._json(request, {"error": str(missing), "field": "path"}, HTTPStatus.NOT_IMPLEMENTED)

    def _result(self, request: Request, path: str) -> object:
        methods = (*ACTIONS.get(path, ()), *PUSH_ACTIONS.get(path, ()))
        if not methods:
            known = ", ".join(PREFIX + each for each in dict.fromkeys((*ACTIONS, *PUSH_ACTIONS)))
            raise WrongField("path", f"unknown control call; known are {known}", HTTPStatus.NOT_FOUND)
        if request.method not in methods:
            raise WrongField("method", f"use {' or '.join(methods)}", HTTPStatus.METHOD_NOT_ALLOWED)
        given = Fields(_given(request))
        if push_action := PUSH_ACTIONS.get(path, {}).get(request.method):
            return push_action(self._push, given)
        with self._state.lock:
            return ACTIONS[path][request.method](self._state, given)

    def _check_access(self, request: Request) -> None:
        """Any web page can post to a developer's loopback, so check Host, Origin and media type. Raises WrongField."""
        host = host_name("//" + request.headers.get("host", ""))
        if not self._is_ours(host):
            raise WrongField(
                "Host", f"the control plane answers loopback hosts only, not {host!r}", HTTPStatus.FORBIDDEN
            )
        origin = request.headers.get("origin")
        if origin is not None and not self._is_ours(host_name(origin)):
            raise WrongField("Origin", f"pages from {origin!r} may not call the control plane", HTTPStatus.FORBIDDEN)
        media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if request.method == "POST" and media_type != "application/json":
            raise WrongField("Content-Type", "send JSON as application/json", HTTPStatus.UNSUPPORTED_MEDIA_TYPE)

    def _is_ours(self, host: str) -> bool:
        return is_loopback(host) or host in self._hosts

    def _json(self, request: Request, payload: object, status: int = HTTPStatus.OK) -> Response:
        """A JSON answer. Pages that may call the control plane can read `verify` from another port."""
        headers = {}
        if request.path == f"{PREFIX}/verify":
            headers["Vary"] = "Origin"
            origin = request.headers.get("origin")
            if origin and self._is_ours(host_name(origin)):
                headers["Access-Control-Allow-Origin"] = origin
        body = (compact(payload) + "\n").encode("utf-8", "replace")
        return Response(body, "application/json", int(status), headers)


def host_name(url: str) -> str:
    """The host of an origin, or of a Host header behind `//`; empty where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""


def _given(request: Request) -> Mapping[str, object]:
    """The JSON object of a POST, the query otherwise. An empty POST is an empty object."""
    if request.method != "POST":
        return request.query
    if not request.body:
        return {}
    if not isinstance(request.json, dict):
        raise WrongField("body", "the body must be a JSON object")
    return request.json
