"""The id of a request, and the line that is logged about it."""

import io
import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import create_environ, run_wsgi_app

from app import create_app
from app import logging as logs
from app.web.access_log import RequestLog
from tests.app.web.conftest import KEYS, Caller


def access_lines(log: io.StringIO) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in lines if line["logger"] == "app.web.access_log"]


@pytest.mark.parametrize("offered", ["a", "A-b_c.9", "x" * 64])
def test_id_that_is_one_is_kept(client: FlaskClient, offered: str) -> None:
    assert client.get("/healthz", headers={"X-Request-ID": offered}).headers["X-Request-ID"] == offered


@pytest.mark.parametrize("offered", [None, "", "x" * 65, "a b", "a;b", "ä", "a,a"])
def test_unusable_id_is_replaced(client: FlaskClient, offered: str | None) -> None:
    headers = {} if offered is None else {"X-Request-ID": offered}
    given = client.get("/healthz", headers=headers).headers["X-Request-ID"]
    assert len(given) == 32
    assert set(given) <= set("0123456789abcdef")


def test_every_answer_has_an_id(client: FlaskClient) -> None:
    for response in (
        client.get("/demo.json"),
        client.get("/nothing"),
        client.put("/healthz"),
        client.get("/api/access_token"),
    ):
        assert response.headers["X-Request-ID"]


def test_every_line_of_a_request_has_its_id(app: Flask, log: io.StringIO) -> None:
    headers = {"X-Request-ID": "abc", "Authorization": "Bearer everything-everything-key"}
    app.test_client().get("/api/access_token", headers=headers)
    lines = [json.loads(line) for line in log.getvalue().splitlines() if "app." in line]
    assert len(lines) >= 2
    assert {line["request_id"] for line in lines} == {"abc"}


def test_access_line_has_client_path_status_and_key(caller: Caller, log: io.StringIO) -> None:
    caller.get("/api/access_token")
    (line,) = access_lines(log)
    facts = {name: line[name] for name in ("client", "method", "path", "status", "key_name")}
    assert facts == {
        "client": "127.0.0.1",
        "method": "GET",
        "path": "/api/access_token",
        "status": 200,
        "key_name": "everything",
    }
    assert line["milliseconds"] >= 0


@pytest.mark.parametrize("headers", [{}, {"X-Request-ID": "abc"}, {"X-Request-ID": KEYS["everything"]}])
def test_line_written_past_the_loggers_is_the_same(
    client: FlaskClient, log: io.StringIO, monkeypatch: pytest.MonkeyPatch, headers: dict[str, str]
) -> None:
    written: list[str] = []
    for _ in range(2):
        client.get("/healthz", headers=headers)
        monkeypatch.setattr(logs, "write_line", written.append)
    (ours,), (theirs,) = map(json.loads, written), access_lines(log)
    assert ours.keys() == theirs.keys()
    varying = {"time", "milliseconds"} if headers else {"time", "milliseconds", "request_id"}
    assert {**ours, **dict.fromkeys(varying)} == {**theirs, **dict.fromkeys(varying)}
    assert KEYS["everything"] not in written[0]


@pytest.mark.parametrize(("path", "logged"), [("/healthz", 0), ("/nothing", 1)])
def test_setting_limits_the_log_to_errors(
    environment: dict[str, str], log: io.StringIO, path: str, logged: int
) -> None:
    create_app({**environment, "WECHAT_ACCESS_LOG": "errors"}).test_client().get(path)
    assert len(access_lines(log)) == logged


@pytest.mark.parametrize(
    "path", ["/media/x/secret", "//media/x/secret", "/prefix/media/x/secret", "/media/secret" * 30]
)
def test_link_to_media_is_masked(client: FlaskClient, log: io.StringIO, path: str) -> None:
    client.get("/", environ_overrides={"PATH_INFO": path})
    (line,) = access_lines(log)
    assert line["path"].endswith("media/***")
    assert "secret" not in log.getvalue()


def test_path_is_logged_once_and_cut_off(client: FlaskClient, log: io.StringIO) -> None:
    client.get("/" + "a" * 300)
    (line,) = access_lines(log)
    assert line["path"] == "/" + "a" * 199
    assert log.getvalue().count("aaa" * 60) == 1


def test_secret_at_the_limit_of_a_path_is_masked_whole(client: FlaskClient, log: io.StringIO) -> None:
    client.get("/" + "a" * 190 + KEYS["everything"])
    assert KEYS["everything"][:9] not in log.getvalue()


def test_error_is_logged_with_its_slug(client: FlaskClient, log: io.StringIO) -> None:
    client.get("/nothing")
    assert access_lines(log)[0]["problem"] == "not-found"


def test_host_of_a_page_that_is_not_listed_is_logged_and_no_more_of_it(client: FlaskClient, log: io.StringIO) -> None:
    page = "https%3A%2F%2Fevil.example%3A8443%2Fpath%3Fquery"
    client.get(f"/api/jssdk/signature?url={page}")
    client.post("/api/jssdk/signature", data=json.dumps({"url": "https://\u202eevil.example/"}))
    first, second = access_lines(log)
    assert (first["problem"], first["host"], second["host"]) == (
        "url-not-allowed",
        "evil.example:8443",
        "\u202eevil.example",
    )
    assert "query" not in log.getvalue()
    assert "\u202e" not in log.getvalue()


def test_host_in_a_line_is_no_longer_than_hosts_are(client: FlaskClient, log: io.StringIO) -> None:
    client.get(f"/api/jssdk/signature?url=https%3A%2F%2F{'a' * 2000}%2F")
    assert access_lines(log)[0]["host"] == "a" * 253


def test_query_is_never_logged(client: FlaskClient, log: io.StringIO) -> None:
    client.get("/api/jssdk/signature?url=https%3A%2F%2Fh5.example.com%2F%3Fcode%3D0a1b2c")
    client.get("/nothing?code=0a1b2c")
    assert "0a1b2c" not in log.getvalue()
    assert len(access_lines(log)) == 2


def test_path_cannot_forge_a_line(client: FlaskClient, log: io.StringIO) -> None:
    client.get("/a%0A%1B%5B2Jb")
    (line,) = access_lines(log)
    assert line["path"] == "/a\n\x1b[2Jb"
    assert "\x1b" not in log.getvalue()


def test_trusted_proxy_names_the_caller(environment: dict[str, str], log: io.StringIO) -> None:
    client = create_app({**environment, "WECHAT_TRUSTED_PROXIES": "127.0.0.1"}).test_client()
    client.get("/healthz", headers={"X-Forwarded-For": "198.51.100.7"})
    assert access_lines(log)[0]["client"] == "198.51.100.7"


def test_request_that_broke_everything_is_logged_as_500(log: io.StringIO) -> None:
    def broken(*_: object) -> Iterator[bytes]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run_wsgi_app(RequestLog(broken, lambda *_: None), create_environ("/somewhere"))
    (line,) = access_lines(log)
    assert (line["path"], line["status"]) == ("/somewhere", 500)


def test_id_is_forgotten_with_its_request(client: FlaskClient) -> None:
    client.get("/healthz")
    assert logs.request_id.get() is None
