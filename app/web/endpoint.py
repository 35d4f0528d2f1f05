"""How a view states its endpoint: method, path, answers, scope, models and problems. The rest follows from these.

    @blueprint.view(Endpoint("GET", "/api/access_token", {200: AccessToken}, scope="token", query=OfAccount))
    def get_access_token(key: ApiKey, given: OfAccount) -> AccessToken:
        '''The current access_token.'''

The view gets the path's values, `key` where a scope is stated, and `given`, the checked query or body. It returns one
of the models of its answers, the JSON of the first one, or a response. Its docstring is the endpoint's description.
"""

import inspect
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from json import JSONEncoder
from typing import Any, Literal

from flask import Blueprint, Response
from pydantic import BaseModel

from ..accounts import Scope
from . import auth
from .reading import JSON_BYTES, read_json, read_query
from .schemas.base import Request

Part = dict[str, Any]
"""a part of an OpenAPI document: plain JSON"""
Outcome = BaseModel | Mapping[str, Any] | Response
View = Callable[..., Outcome]

_NO_STORE = [("Cache-Control", "no-store")]  # credentials, and states of this moment
_ENCODER = JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def json_answer(document: Any, status: int = 200, *, mimetype: str = "application/json") -> Response:
    """The document as JSON, which no cache may keep."""
    return Response(json_bytes(document), status, _NO_STORE, content_type=mimetype)


def json_bytes(document: Any) -> bytes:
    """Compact JSON in UTF-8 with a line end. Half a character (a lone surrogate) becomes an escape."""
    return f"{_ENCODER.encode(document)}\n".encode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """An endpoint, as its view states it."""

    method: Literal["GET", "POST", "OPTIONS"]
    path: str
    """as Flask writes it"""
    answers: Mapping[int, type[BaseModel] | Part]
    """by status; OpenAPI's own words where an answer is not JSON"""
    scope: Scope | None = None
    key_optional: bool = False
    """the view itself asks for the key, where it needs one"""
    query: type[BaseModel] | None = None
    """checked where it is a Request, else a description of what the view reads"""
    body: type[Request] | Part | None = None
    """a model of the JSON, or OpenAPI's `content` of what the view reads"""
    body_bytes: int = JSON_BYTES
    path_values: Mapping[str, str] = field(default_factory=dict)
    """the description of each value in the path"""
    problems: tuple[type[Exception], ...] = ()
    """beside those that follow from scope and models"""

    @property
    def name(self) -> str:
        """Its name in Flask and in the OpenAPI document, such as `post_api_jssdk_signature`."""
        return re.sub(r"\W+", "_", f"{self.method.lower()}{self.path}").rstrip("_")

    @property
    def json_models(self) -> list[type[BaseModel]]:
        """The models of its JSON, in and out."""
        return [one for one in (self.body, *self.answers.values()) if isinstance(one, type)]

    def given(self) -> Request | None:
        """The checked query or body of the current request. Raises ParameterWrong or BodyTooLarge."""
        if isinstance(self.body, type):
            return read_json(self.body, self.body_bytes)
        if self.query is not None and issubclass(self.query, Request):
            return read_query(self.query)
        return None

    def response(self, outcome: Outcome) -> Response:
        """The view's outcome as a response. A model has the status that it is stated for; its None is left out."""
        if isinstance(outcome, Response):
            return outcome
        if isinstance(outcome, BaseModel):
            status = next(status for status, model in self.answers.items() if model is type(outcome))
            return json_answer(outcome.model_dump(exclude_none=True), status)
        return json_answer(outcome, next(iter(self.answers)))


class Endpoints(Blueprint):
    """A blueprint whose views state their endpoints."""

    def __init__(
        self,
        name: str,
        import_name: str,
        *,
        listener: Literal["public", "internal", "both"],
        tag: str = "",
        headers: tuple[str, ...] = ("Cache-Control",),
        about: str = "",
        opens: Mapping[Scope, tuple[str, ...]] | None = None,
    ) -> None:
        super().__init__(name, import_name)
        self.listener = listener
        self.tag = tag
        """of the endpoints in the OpenAPI document"""
        self.headers = headers
        """of all answers, in the document"""
        self.about = about
        """a paragraph of the document, for views that state no endpoint"""
        self.opens = opens or {}
        """by scope, what those views answer"""
        self.stated: list[tuple[Endpoint, View]] = []

    def view(self, endpoint: Endpoint) -> Callable[[View], View]:
        """Answer `endpoint` with the decorated view."""

        def decorate(view: View) -> View:
            self.stated.append((endpoint, view))
            self.add_url_rule(
                endpoint.path,
                endpoint.name,
                _handler(endpoint, view),
                provide_automatic_options=False,
                methods=[endpoint.method],
            )
            return view

        return decorate


def _handler(endpoint: Endpoint, view: View) -> Callable[..., Response]:
    scope = None if endpoint.key_optional else endpoint.scope
    takes_given = "given" in inspect.signature(view).parameters

    @wraps(view)
    def handle(**values: Any) -> Response:
        if scope is not None:
            values["key"] = auth.require(scope)
        given = endpoint.given()
        if takes_given:
            values["given"] = given
        return endpoint.response(view(**values))

    return handle
