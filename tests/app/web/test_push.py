"""The endpoint for WeChat's message push."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import TestResponse

from mock_wechat import MINI, MockWeChat, crypto
from mock_wechat.wire import Response
from tests.app.push.samples import APPID, KEY, TOKEN, plain_query, secure
from tests.app.web.conftest import problem
from tests.app.web.live import live
from tests.mock_wechat.receiver import Receiver

ENDPOINT = "/api/push/mini"
MESSAGE = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1714112445, "MsgType": "text", "MsgId": 7}
BOMB = b'<!DOCTYPE xml [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;">]><xml><MsgType>&b;</MsgType></xml>'


@pytest.fixture
def environment(environment: dict[str, str], request: pytest.FixtureRequest) -> dict[str, str]:
    """Pushes come plain, in tests marked `with_key` encrypted."""
    key = {"WECHAT_PUSH_AES_KEY": KEY} if "with_key" in request.fixturenames else {}
    return environment | {"WECHAT_PUSH_TOKEN": TOKEN} | key


@pytest.fixture
def with_key() -> None:
    """See `environment`."""


def plain(client: FlaskClient, message: dict[str, Any], **changes: str) -> TestResponse:
    return client.post(ENDPOINT, query_string=plain_query() | changes, data=json.dumps(message))


def test_url_check_gets_its_echostr_back_as_plain_text(client: FlaskClient) -> None:
    answer = client.get(ENDPOINT, query_string=plain_query() | {"echostr": "<b>4375120948345356249</b>"})
    assert (answer.status_code, answer.text) == (200, "<b>4375120948345356249</b>")
    assert answer.content_type == "text/plain; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("account", ["mini", MINI.appid])
def test_mock_finds_the_url_to_be_ours(app: Flask, wechat: MockWeChat, account: str) -> None:
    with live(app) as address:
        assert wechat.push.check_url(MINI.appid, f"{address}/api/push/{account}")


def test_event_is_answered_with_success(client: FlaskClient) -> None:
    answer = plain(client, MESSAGE | {"MsgType": "event", "Event": "subscribe"})
    assert (answer.status_code, answer.text, answer.content_type) == (200, "success", "text/plain; charset=utf-8")


def test_users_message_is_handed_to_a_person(client: FlaskClient) -> None:
    answer = plain(client, MESSAGE)
    assert answer.get_json() == {
        "ToUserName": "o1",
        "FromUserName": "gh_1",
        "CreateTime": 1790000000,
        "MsgType": "transfer_customer_service",
    }


@pytest.mark.usefixtures("with_key")
def test_with_a_key_the_answer_is_encrypted_and_signed(client: FlaskClient) -> None:
    query, body = secure(json.dumps(MESSAGE).encode())
    reply = client.post(ENDPOINT, query_string=query, data=body).get_json()
    assert set(reply) == {"Encrypt", "MsgSignature", "TimeStamp", "Nonce"}
    signed = crypto.signature(TOKEN, str(reply["TimeStamp"]), reply["Nonce"], reply["Encrypt"])
    assert signed == reply["MsgSignature"]
    message, appid = crypto.decrypt(reply["Encrypt"], KEY)
    assert (json.loads(message)["MsgType"], appid) == ("transfer_customer_service", APPID)


@pytest.mark.parametrize("body", [BOMB, b"", b"[]", b"{", b"<xml>", b"\xff"])
def test_verified_push_that_cannot_be_read_is_answered_success(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    assert client.post(ENDPOINT, query_string=plain_query(), data=body).data == b"success"
    assert warnings(caplog) == [f"push cannot be read: account=mini bytes={len(body)}"]


def test_body_of_more_than_one_megabyte_is_413(client: FlaskClient) -> None:
    body = b"{" + b" " * 1024 * 1024 + b"}"
    problem(client.post(ENDPOINT, query_string=plain_query(), data=body), 413, "body-too-large")


def test_account_without_a_push_token_is_not_configured(client: FlaskClient) -> None:
    problem(client.get("/api/push/default", query_string=plain_query()), 404, "not-configured")
    problem(client.post("/api/push/default", query_string=plain_query(), data=b"{}"), 404, "not-configured")


@pytest.mark.parametrize("path", ["/api/push", "/api/push/", "/api/push/mini/", "/api/push/mini/more"])
def test_push_to_a_wrong_path_learns_the_right_one(client: FlaskClient, path: str) -> None:
    for answer in (client.get(path), client.post(path, query_string=plain_query(), data=b"{}")):
        assert "/api/push/<account>" in problem(answer, 404, "not-found")["detail"]


def test_unknown_account_is_404(client: FlaskClient) -> None:
    problem(client.post("/api/push/unknown", data=b"{}"), 404, "account-unknown")


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [line.getMessage() for line in caplog.records if line.levelname == "WARNING"]


@pytest.mark.parametrize("account", ["mini", APPID])
def test_why_a_push_was_refused_is_logged_for_its_account_without_the_token(
    client: FlaskClient, caplog: pytest.LogCaptureFixture, account: str
) -> None:
    client.post(f"/api/push/{account}", query_string=plain_query() | {"signature": "0" * 40}, data=json.dumps(MESSAGE))
    assert warnings(caplog) == ["push refused: account=mini reason=the signature is wrong"]
    assert TOKEN not in caplog.text


def test_encrypted_push_without_a_key_is_logged_with_its_reason_and_nothing_of_it(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    plain(client, {"ToUserName": "gh_1", "Encrypt": "c2VjcmV0"})
    reason = "it is encrypted, and the account has no push_aes_key"
    assert warnings(caplog) == [f"push unreadable: account=mini reason={reason}"]
    assert "c2VjcmV0" not in caplog.text


TEXTS = st.text(st.characters(exclude_categories=()), max_size=20)  # halves of characters too
FIELDS = st.dictionaries(
    st.sampled_from(["MsgType", "Event", "MsgId", "trace_id", "result", "errcode", "Encrypt", "FromUserName"]) | TEXTS,
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXTS
    | st.sampled_from(["event", "wxa_media_check"])
    | st.lists(TEXTS),
    max_size=6,
)
BODIES = (
    st.binary(max_size=200)
    | FIELDS.map(lambda fields: json.dumps(fields).encode())
    | TEXTS.map(lambda text: f"<xml>{text}</xml>".encode("utf-8", "surrogatepass"))
)


def test_any_body_has_a_documented_answer(app: Flask) -> None:
    fuzz_bodies(app)


@pytest.mark.usefixtures("with_key")
def test_any_encrypted_body_has_a_documented_answer(app: Flask) -> None:
    fuzz_bodies(app)


def fuzz_bodies(app: Flask) -> None:
    """Each body as it is, and encrypted."""
    client = app.test_client()

    @settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
    @given(BODIES)
    def fuzz(body: bytes) -> None:
        bare = client.post(ENDPOINT, query_string=plain_query(), data=body)
        query, sealed = secure(body.decode("utf-8", "replace").encode())
        wrapped = client.post(ENDPOINT, query_string=query, data=sealed)
        for answer in (bare, wrapped):
            assert answer.status_code in (200, 400, 403), answer.text
            assert answer.status_code == 200 or answer.content_type == "application/problem+json"

    fuzz()


QUERIES = st.dictionaries(
    st.sampled_from(["signature", "msg_signature", "timestamp", "nonce", "echostr"]),
    st.text(st.characters(codec="utf-8"), max_size=50),
)


def test_any_unsigned_query_is_refused(app: Flask) -> None:
    client = app.test_client()

    @settings(deadline=None)
    @given(QUERIES)
    def fuzz(query: dict[str, str]) -> None:
        problem(client.get(ENDPOINT, query_string=query), 403, "push-refused")
        problem(client.post(ENDPOINT, query_string=query, data=b"{}"), 403, "push-refused")

    fuzz()


# -- passing on


@pytest.fixture
def own_server(environment: dict[str, str]) -> Iterator[Receiver]:
    """The account's own server; to be asked for before the app."""
    with Receiver() as receiver:
        environment["WECHAT_PUSH_FORWARD_URL"] = f"{receiver.url}/wechat"
        yield receiver


@pytest.fixture
def forwarding(request: pytest.FixtureRequest) -> FlaskClient:
    """A client of an app that passes on to `own_server`."""
    request.getfixturevalue("own_server")
    client: FlaskClient = request.getfixturevalue("client")
    return client


def test_message_is_forwarded_and_its_reply_returned(forwarding: FlaskClient, own_server: Receiver) -> None:
    own_server.answers.append(Response(b"<xml>hello</xml>", "text/xml; charset=utf-8"))
    query, dirty = plain_query() | {"openid": "o1"}, b'{"MsgType":"text","Content":"\x1d]]>\xe4"}'
    answer = forwarding.post(ENDPOINT, query_string=query, data=dirty, content_type="application/json")
    assert (answer.status_code, answer.data) == (200, b"<xml>hello</xml>")
    assert answer.content_type == "text/xml; charset=utf-8"
    (push,) = own_server.pushes
    assert (push.body, push.query, push.headers["content-type"]) == (dirty, query, "application/json")


@pytest.mark.usefixtures("with_key")
def test_encrypted_push_is_forwarded_unchanged(forwarding: FlaskClient, own_server: Receiver) -> None:
    query, body = secure(json.dumps(MESSAGE).encode())
    assert forwarding.post(ENDPOINT, query_string=query, data=body).text == "success"
    assert (own_server.pushes[0].body, own_server.pushes[0].query) == (body, query)


def test_repeated_message_is_forwarded_once(forwarding: FlaskClient, own_server: Receiver) -> None:
    own_server.answers.append(Response(b"first", "text/plain"))
    assert [plain(forwarding, MESSAGE).text for _ in range(3)] == ["first"] * 3
    assert len(own_server.pushes) == 1


def test_failed_forward_is_502_so_that_wechat_retries(
    forwarding: FlaskClient, own_server: Receiver, caplog: pytest.LogCaptureFixture
) -> None:
    own_server.answers.append(Response(b"", "text/plain", 503))
    problem(plain(forwarding, MESSAGE), 502, "push-not-forwarded")
    assert warnings(caplog) == ["push not forwarded: account=mini reason=The server at push_forward_url answered 503."]
    assert plain(forwarding, MESSAGE).text == "success"
    assert len(own_server.pushes) == 2


def test_forged_push_and_verdicts_are_not_forwarded(forwarding: FlaskClient, own_server: Receiver) -> None:
    problem(plain(forwarding, MESSAGE, signature="0" * 40), 403, "push-refused")
    assert plain(forwarding, {"MsgType": "event", "Event": "wxa_media_check", "trace_id": "1" * 32}).text == "success"
    assert own_server.pushes == []
