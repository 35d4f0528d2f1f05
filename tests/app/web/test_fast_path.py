"""The fast path and the Flask endpoint answer alike, and the fast path answers what is ordinary."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from app import create_app
from app.services import Services
from app.web.access_log import RequestLog
from app.web.fast_path import FastPath
from tests.doubles import FakeClock

PATH = "/api/jssdk/signature"
PAGE = "https://h5.example.com/a?b=1&c=%E4%B8%AD"
ORDINARY = f"url={quote(PAGE, safe='')}"


@dataclass
class Roads:
    """The two ways to an answer. `to_flask` counts the requests that the fast path passed on."""

    fast: FastPath
    flask: Any
    to_flask: int = 0

    def answers(self, environ: dict[str, Any]) -> tuple[Any, Any]:
        """Status, headers and body of both."""
        return _answer(self.fast, environ), _answer(self.flask, environ)

    def is_passed_on(self, query: str, **environ: Any) -> bool:
        before = self.to_flask
        _answer(self.fast, environ_of(query, **environ))
        return self.to_flask > before


def _answer(application: Any, environ: dict[str, Any]) -> tuple[str, list[tuple[str, str]], bytes]:
    body, status, headers = run_wsgi_app(application, dict(environ))
    return status, sorted(headers), b"".join(body)


def environ_of(query: str, **more: Any) -> dict[str, Any]:
    return {**create_environ(PATH), "QUERY_STRING": query, **more}


@pytest.fixture
def roads(services: Services) -> Roads:
    app = create_app(services=services, noncestr=lambda: "Wm3WZYTPz0wzccnW")
    fast = app.wsgi_app._application._application  # type: ignore[attr-defined] # behind ProxyAware and RequestLog
    assert isinstance(fast, FastPath)
    roads = Roads(fast, fast._application)

    def counted(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        roads.to_flask += 1
        answer: Iterable[bytes] = roads.flask(environ, start_response)
        return answer

    fast._application = counted
    assert _answer(roads.flask, environ_of(ORDINARY))[0] == "200 OK"  # the ticket is there
    return roads


def test_ordinary_requests_never_reach_flask(roads: Roads) -> None:
    for query in (ORDINARY, f"{ORDINARY}&account=default", f"account=default&{ORDINARY}"):
        assert not roads.is_passed_on(query)
        assert not roads.is_passed_on(query, HTTP_ORIGIN="https://h5.example.com")


@pytest.mark.parametrize(
    ("query", "more"),
    [
        (ORDINARY, {"REQUEST_METHOD": "POST"}),
        (ORDINARY, {"REQUEST_METHOD": "HEAD"}),
        (ORDINARY, {"PATH_INFO": PATH + "/"}),
        (ORDINARY, {"HTTP_ORIGIN": "https://evil.example"}),
        (ORDINARY + "&x=1", {}),
        (ORDINARY + "&account=nobody", {}),
        (ORDINARY + "&account=", {}),
        ("url=https://evil.example/", {}),
        ("", {}),
    ],
)
def test_everything_else_is_flasks(roads: Roads, query: str, more: dict[str, str]) -> None:
    assert roads.is_passed_on(query, **more)


def test_ticket_that_is_not_fresh_is_flasks(roads: Roads, clock: FakeClock) -> None:
    clock.advance(7000)
    assert roads.is_passed_on(ORDINARY)


_URLS = st.one_of(
    st.sampled_from([PAGE, PAGE + "#part", "http://h5.example.com", "https://shop.example.com/h5/1", "undefined", ""]),
    st.sampled_from(["https://h5.example.com:8443/", "https://中文.com/", "https://evil.example/", "/only/a/path"]),
    st.text(max_size=30).map("https://h5.example.com/".__add__),
    st.text(max_size=40),
)
_ENCODED = st.builds(
    lambda text, safe: quote(text.encode("utf-8", "surrogatepass"), safe=safe),
    _URLS,
    st.sampled_from(["", "/:", "/:?=&"]),
)
_PAIRS = st.one_of(
    st.builds("url={}".format, _ENCODED),
    st.builds("account={}".format, st.sampled_from(["default", "mini", "wx0000000000000001", "", "x", "%ff"])),
    st.builds("{}={}".format, st.sampled_from(["url", "account", "x", ""]), st.text("%+&=;#abc0é", max_size=12)),
)
_QUERIES = st.one_of(st.just(ORDINARY), st.lists(_PAIRS, max_size=3).map("&".join))
_ORIGINS = st.sampled_from(
    [
        *(
            None,
            "",
            "null",
            "https://h5.example.com",
            "http://h5.example.com",
            "https://H5.example.com",
            "https://evil.org",
        ),
        *("https://h5.example.com:443", "http://localhost:8000", "http://localhost", "https://h5.example.com/"),
        *("https://shop.example.com", "h5.example.com", "https://h5.example.com#", "https://h5.example.com\xe9"),
    ]
)
_HEADERS = st.dictionaries(
    st.sampled_from(["HTTP_HOST", "HTTP_ACCEPT", "HTTP_COOKIE", "HTTP_RANGE", "HTTP_IF_NONE_MATCH", "CONTENT_LENGTH"]),
    st.sampled_from(["", "x", "*", "a b", "7", "-1", "h5.example.com", "évil", "a,b;c=d"]),
    max_size=2,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)
@given(
    query=_QUERIES,
    origin=_ORIGINS,
    method=st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "OPTIONS", "PUT"]),
    headers=_HEADERS,
)
def test_both_roads_give_the_same_answer(
    roads: Roads, query: str, origin: str | None, method: str, headers: dict[str, str]
) -> None:
    query = query.encode().decode("latin-1")  # as WSGI hands it over
    given_origin = {} if origin is None else {"HTTP_ORIGIN": origin}
    fast, flask = roads.answers(environ_of(query, REQUEST_METHOD=method, **given_origin, **headers))
    assert fast == flask


def test_internal_listener_has_no_fast_path(environment: dict[str, str]) -> None:
    app = create_app({**environment, "WECHAT_LISTENER": "internal"})
    log = app.wsgi_app._application  # type: ignore[attr-defined] # behind ProxyAware
    assert isinstance(log, RequestLog)
    assert not isinstance(log._application, FastPath)
