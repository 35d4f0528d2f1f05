"""Pages, the mock's address, verification files, and which listener has which endpoints."""

import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from mock_wechat import MockWeChat
from tests.app.web.conftest import problem
from tests.app.wechat.conftest import Peer, peer

__all__ = ["peer"]


@pytest.mark.parametrize(
    "path", ["/", "/spa.html", "/debugger.html", "/login.html", "/moderation.html", "/console.html", "/api.html"]
)
def test_page_is_served_with_security_headers(client: FlaskClient, wechat: MockWeChat, path: str) -> None:
    response = client.get(path)
    assert re.findall(r'<a href="(\S+)" aria-current="page"', response.text) == [path]
    policy = response.headers["Content-Security-Policy"]
    assert f"script-src 'self' {wechat.url}; connect-src 'self' {wechat.url};" in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"]


BROWSER = (
    "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8,"
    "application/signed-exchange;v=b3;q=0.7"
)
"""Chromium's Accept when it opens an address"""


@pytest.mark.parametrize("path", ["/nothing.html", "/nothing", "/static/nothing.js", "/MP_verify_a1B2.txt"])
def test_browser_gets_a_page_for_an_unknown_address(client: FlaskClient, path: str) -> None:
    response = client.get(path, headers={"Accept": BROWSER})
    assert (response.status_code, response.mimetype) == (404, "text/html")
    assert response.headers["Vary"] == "Accept"
    assert "frame-ancestors 'none'" in response.headers["Content-Security-Policy"]
    for accept in ("*/*", "application/json", "application/problem+json, */*;q=0.1"):
        problem(client.get(path, headers={"Accept": accept}), 404, "not-found")


def test_api_and_forms_are_answered_in_json(client: FlaskClient) -> None:
    problem(client.get("/api/nothing", headers={"Accept": BROWSER}), 404, "not-found")
    problem(client.post("/nothing", headers={"Accept": BROWSER}), 404, "not-found")


@pytest.mark.parametrize("listener", ["all", "public", "internal"])
def test_pages_link_to_the_pages_of_their_listener_alone(environment: dict[str, str], listener: str) -> None:
    client = create_app({**environment, "WECHAT_LISTENER": listener}).test_client()
    linked = re.findall(r'<a href="(/[^"]*)"(?: aria-current="page")? data-text="page', client.get("/").text)
    assert {"/", "/api.html"} <= set(linked)
    assert [path for path in linked if client.get(path).status_code != 200] == []


def test_everything_that_a_page_loads_is_served(client: FlaskClient) -> None:
    for path in ("/", "/spa.html", "/debugger.html", "/login.html", "/moderation.html", "/console.html", "/api.html"):
        loaded = re.findall(r'(?:href|src)="(/static/[^"]+)"', client.get(path).text)
        assert len(loaded) > 3
        for file in loaded:
            with client.get(file) as response:
                assert response.status_code == 200, file


@pytest.mark.parametrize(
    "path",
    [
        "/nothing.html",
        "/base.html",
        "/index.html",
        "/static/%00",
        "/static/../wsgi.py",
        "/static/..%2fwsgi.py",
        "/x" * 3000,
    ],
)
def test_missing_file_is_404(client: FlaskClient, path: str) -> None:
    problem(client.get(path), 404, "not-found")


def test_demo_page_learns_where_the_mock_is(client: FlaskClient, wechat: MockWeChat) -> None:
    assert client.get("/demo.json").json == {"mock": wechat.url}


def test_loopback_that_is_no_mock_is_asked_until_it_answers(environment: dict[str, str], peer: Peer) -> None:
    """It may be a tunnel to another central server, which is down at first."""
    environment["WECHAT_API_BASE"] = peer.url
    client = create_app(environment).test_client()
    assert client.get("/demo.json").get_json() == {"mock": None}
    peer.answers(b'{"type":"/problems/not-found"}', status="404 Not Found")
    asked = [len(peer.requests) for _ in range(3) if client.get("/demo.json").get_json() == {"mock": None}]
    assert asked == [asked[0]] * 3


@pytest.mark.parametrize("in_browsers", ["http://mock:9100", "http://127.0.0.1:9100"], ids=["same", "published"])
def test_pages_may_load_from_a_mock_by_name(environment: dict[str, str], in_browsers: str) -> None:
    environment |= {"WECHAT_MOCK": "allow", "WECHAT_API_BASE": "http://mock:9100"}
    if in_browsers != "http://mock:9100":
        environment["WECHAT_OPEN_BASE"] = in_browsers
    answer = create_app(environment).test_client().get("/demo.json")
    assert answer.get_json() == {"mock": in_browsers}
    policy = answer.headers["Content-Security-Policy"]
    assert f"script-src 'self' {in_browsers}; connect-src 'self' {in_browsers};" in policy


def test_real_wechat_is_no_mock(environment: dict[str, str]) -> None:
    del environment["WECHAT_API_BASE"]
    client = create_app(environment).test_client()
    assert client.get("/demo.json").get_json() == {"mock": None}
    policy = client.get("/demo.json").headers["Content-Security-Policy"]
    assert "script-src 'self'; connect-src 'self';" in policy
    problem(client.get("/login.html"), 404, "not-found")


def test_verification_files_are_served_at_the_root_and_no_others(
    environment: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("MP_verify_a1B2.txt", "MP_verify_.txt", "secret.txt", "MP_verify_a1B2.txt.txt"):
        (tmp_path / name).write_text(name)
    monkeypatch.chdir(tmp_path.parent)
    client = create_app({**environment, "WECHAT_VERIFY_FILES": tmp_path.name}).test_client()
    with client.get("/MP_verify_a1B2.txt") as response:
        assert (response.status_code, response.get_data(as_text=True)) == (200, "MP_verify_a1B2.txt")
    assert response.mimetype == "text/plain"
    for path in (
        "/MP_verify_.txt",
        "/secret.txt",
        "/MP_verify_other.txt",
        "/MP_verify_a1B2.txt.txt",
        "/MP_verify_a\n.txt",
    ):
        problem(client.get(path), 404, "not-found")


def test_without_the_setting_there_are_no_verification_files(client: FlaskClient) -> None:
    problem(client.get("/MP_verify_a1B2.txt"), 404, "not-found")


@pytest.mark.parametrize(
    ("listener", "open_paths", "closed_paths"),
    [
        ("all", ["/api/jssdk/signature", "/api/access_token", "/demo.json", "/healthz", "/readyz", "/metrics"], []),
        (
            "public",
            ["/api/jssdk/signature", "/demo.json", "/healthz", "/readyz", "/metrics"],
            ["/api/access_token", "/api/moderation/text"],
        ),
        ("internal", ["/api/access_token", "/healthz", "/readyz", "/metrics", "/demo.json"], ["/api/jssdk/signature"]),
    ],
)
def test_listener_has_its_own_endpoints_only(
    environment: dict[str, str], listener: str, open_paths: list[str], closed_paths: list[str]
) -> None:
    client = create_app({**environment, "WECHAT_LISTENER": listener}).test_client()
    assert all(client.get(path).status_code != 404 for path in open_paths)
    assert all(client.get(path).status_code == 404 for path in closed_paths)


@pytest.mark.parametrize("path", ["", "//", "/healthz/", "//healthz", "/api//access_token", "/api/access_token/"])
def test_no_answer_redirects_to_where_the_host_header_points(client: FlaskClient, path: str) -> None:
    with client.get(environ_overrides={"PATH_INFO": path}, headers={"Host": "evil.com"}) as response:
        assert response.status_code in (200, 404)
