"""What a caller is told when something goes wrong: the status of the contract, why, what to do; never a secret."""

import io
import logging
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app, errors
from app.errors import CentralServerError, CredentialUnavailable, StoreUnavailable
from app.web import problems
from app.wechat import refusal
from mock_wechat import MockWeChat
from tests.app.web.conftest import KEYS, Caller, problem

TOKEN, TEXT = "/cgi-bin/stable_token", "/wxa/msg_sec_check"


def subclasses(kind: type[CentralServerError]) -> set[type[CentralServerError]]:
    return {kind}.union(*(subclasses(below) for below in kind.__subclasses__()))


def test_every_error_that_a_request_can_meet_has_a_row() -> None:
    never_here = {CentralServerError, errors.SettingsError, errors.WeChatError}
    for kind in subclasses(CentralServerError) - never_here:
        row = next(problems.PROBLEMS[base] for base in kind.__mro__ if base in problems.PROBLEMS)
        assert row is not problems.INTERNAL, kind


def test_slugs_are_unique() -> None:
    rows = list(problems.PROBLEMS.values())
    assert len({row.slug for row in rows}) == len(rows)


@pytest.mark.parametrize(
    ("error", "seconds"),
    [
        (CredentialUnavailable("wait", 2.1), "3"),
        (CredentialUnavailable("wait", 0.0), "1"),
        (StoreUnavailable("gone"), "1"),
        (refusal(-1, "system error", endpoint=TEXT), "2"),
        (refusal(45011, "slower", endpoint=TEXT, retry_after=12.5), "13"),
    ],
)
def test_retry_after_is_the_errors_or_the_default(app: Flask, error: CentralServerError, seconds: str) -> None:
    with app.test_request_context():
        answer = problems.answer(error)
        assert (answer.headers["Retry-After"], answer.get_json()["retry_after"]) == (seconds, int(seconds))


def test_wechats_errcode_and_errmsg_are_passed_on_with_a_hint(caller: Caller, wechat: MockWeChat) -> None:
    wechat.fail(TOKEN, 40164, errmsg="invalid ip 203.0.113.9 ipv6 ::ffff:203.0.113.9, not in whitelist", times=None)
    response = caller.get("/api/access_token")
    document = problem(response, 503, "wechat-configuration")
    assert document["errcode"] == 40164
    assert "203.0.113.9" in document["errmsg"]
    assert len(document["rid"]) == 26
    assert "whitelist" in document["hint"]["en"]
    assert "IP白名单" in document["hint"]["zh"]
    assert "IP白名单" in response.get_data(as_text=True)
    assert int(response.headers["Retry-After"]) >= 1


FAULTS: list[tuple[str, dict[str, Any], int, str]] = [
    (TOKEN, {"errcode": 40125}, 503, "wechat-configuration"),
    (TOKEN, {"errcode": 89503}, 503, "wechat-configuration"),
    (TOKEN, {"errcode": -1}, 503, "wechat-busy"),
    (TOKEN, {"errcode": 45009}, 503, "wechat-day-limit"),
    (TOKEN, {"status": 502, "body": "<html>Bad Gateway</html>"}, 503, "wechat-unavailable"),
    (TOKEN, {"body": '{"access_token":"81_cut'}, 503, "wechat-unavailable"),
    (TOKEN, {"drop": "before"}, 503, "wechat-unavailable"),
    (TEXT, {"errcode": 45011}, 429, "wechat-minute-limit"),
    (TEXT, {"errcode": 45009}, 503, "wechat-day-limit"),
    (TEXT, {"errcode": 40001}, 502, "wechat-token-refused"),
    (TEXT, {"errcode": 47001}, 502, "wechat-refused"),
    (TEXT, {"status": 502, "body": "<html>Bad Gateway</html>"}, 503, "wechat-unavailable"),
]


@pytest.mark.parametrize(("path", "fault", "status", "slug"), FAULTS)
def test_failure_of_wechat_is_answered_without_a_secret(
    caller: Caller,
    wechat: MockWeChat,
    caplog: pytest.LogCaptureFixture,
    path: str,
    fault: dict[str, Any],
    status: int,
    slug: str,
) -> None:
    wechat.fail(path, times=None, **fault)
    with caplog.at_level(logging.DEBUG):
        response = caller.post("/api/moderation/text", {"content": "x"})
    problem(response, status, slug)
    assert ("Retry-After" in response.headers) == (status in (429, 503))
    answers = [call.answer for call in wechat.calls(TOKEN) if call.answer]
    tokens = [answer.split('"')[3] for answer in answers if answer.startswith('{"access_token":"')]
    for secret in ("mock-mini-secret", "81_cut", KEYS["everything"], *tokens):
        assert secret not in response.get_data(as_text=True) + caplog.text


# HTTP's own errors ----------------------------------------------------------------------------------------------------


def test_unknown_path_and_wrong_method_are_problems_too(client: FlaskClient) -> None:
    problem(client.get("/nothing"), 404, "not-found")
    response = client.put("/api/jssdk/signature")
    problem(response, 405, "method-not-allowed")
    assert {name.strip() for name in response.headers["Allow"].split(",")} == {"GET", "HEAD", "OPTIONS", "POST"}


@pytest.mark.parametrize(
    ("path", "limit"),
    [
        ("/api/jssdk/signature", 8 * 1024),
        ("/api/jssdk/diagnose", 16 * 1024),
        ("/api/moderation/text", 1024 * 1024),
        ("/api/access_token/refresh", 1024 * 1024),
    ],
)
def test_body_over_the_limit_of_an_endpoint_is_413(client: FlaskClient, path: str, limit: int) -> None:
    headers = {"Authorization": f"Bearer {KEYS['everything']}"}
    document = problem(client.post(path, data=b" " * (limit + 1), headers=headers), 413, "body-too-large")
    assert str(limit) in document["detail"]
    problem(client.post(path, data=b" " * limit, headers=headers), 400, "parameter-wrong")


def test_image_over_the_limit_is_refused_as_body_and_as_part(environment: dict[str, str]) -> None:
    client = create_app({**environment, "WECHAT_MAX_IMAGE_BYTES": "1000"}).test_client()
    headers = {"Authorization": f"Bearer {KEYS['everything']}"}
    for size in (1001, 200_000):
        problem(client.post("/api/moderation/image", data=b"x" * size, headers=headers), 413, "body-too-large")
        parts = {"media": (io.BytesIO(b"x" * size), "a.png")}
        problem(client.post("/api/moderation/image", data=parts, headers=headers), 413, "body-too-large")


def without_length(stream: io.IOBase) -> dict[str, Any]:
    """What makes a request one with a chunked body."""
    return {"wsgi.input": stream, "wsgi.input_terminated": True, "HTTP_TRANSFER_ENCODING": "chunked"}


class Unreadable(io.RawIOBase):
    """A body that must not be touched, or breaks when it is."""

    def readable(self) -> bool:
        return True

    def readinto(self, _: Any) -> int:
        raise OSError("the chunk is broken")


def test_declared_length_over_the_limit_is_refused_unread(client: FlaskClient) -> None:
    overrides = {"CONTENT_LENGTH": "99999999", "wsgi.input": Unreadable(), "wsgi.input_terminated": True}
    problem(client.post("/api/jssdk/signature", environ_overrides=overrides), 413, "body-too-large")


def test_body_without_a_length_is_never_cut_in_silence(client: FlaskClient, caller: Caller, wechat: MockWeChat) -> None:
    limit = 10 * 1024 * 1024
    post = client.post("/api/jssdk/signature", environ_overrides=without_length(io.BytesIO(b" " * 8193)))
    problem(post, 413, "body-too-large")
    whole = caller.post("/api/moderation/image", environ_overrides=without_length(io.BytesIO(bytes(limit + 1))))
    problem(whole, 413, "body-too-large")
    head = b'--x\r\nContent-Disposition: form-data; name="media"; filename="a.png"\r\n\r\n'
    for size in (limit + 1, limit + 1_000_000):
        stream = io.BytesIO(head + bytes(size) + b"\r\n--x--\r\n")
        part = caller.post(
            "/api/moderation/image",
            environ_overrides=without_length(stream),
            content_type="multipart/form-data; boundary=x",
        )
        problem(part, 413, "body-too-large")
    assert wechat.calls() == []


def test_body_that_breaks_off_is_the_callers_fault(client: FlaskClient) -> None:
    response = client.post("/api/jssdk/signature", environ_overrides=without_length(Unreadable()))
    problem(response, 400, "parameter-wrong")


def test_internal_error_is_logged_and_not_quoted(
    client: FlaskClient, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("what only we should read")

    monkeypatch.setattr("app.web.monitoring.readiness", broken)
    response = client.get("/readyz")
    problem(response, 500, "internal")
    assert "only we" not in response.get_data(as_text=True)
    assert "what only we should read" in caplog.text
    assert response.headers["X-Request-ID"]


def test_half_a_character_can_be_answered(app: Flask) -> None:
    with app.test_request_context():
        response = problems.answer(errors.UnknownAccount("x", "half: \ud800"))
    assert b'"detail":"half: \\ud800"' in response.get_data()
