"""Mini program logins over HTTP, with the mock: what callers get, how often WeChat is asked, what no log holds."""

import io
import json
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from flask import Flask
from werkzeug.test import TestResponse

from app import create_app
from app.services import Services
from mock_wechat import MINI, MockWeChat
from mock_wechat.state.logins import session_signature
from tests.app.push.samples import TOKEN, plain_query
from tests.app.web.conftest import KEYS, Caller, problem
from tests.app.web.openapi.test_answers import check
from tests.doubles import FakeClock

EXCHANGE, PHONE = "/sns/jscode2session", "/wxa/business/getuserphonenumber"
CHECK, RESET = "/wxa/checksession", "/wxa/resetusersessionkey"
OTHER_KEY = "another-key-of-24-characters"
GONE = (404, "session-unknown")


@pytest.fixture
def environment(environment: dict[str, str]) -> dict[str, str]:
    keys = f"{environment['WECHAT_API_KEYS']},other:session={OTHER_KEY}"
    return environment | {"WECHAT_API_KEYS": keys, "WECHAT_SECRET_KEY": "s" * 32, "WECHAT_PUSH_TOKEN": TOKEN}


def log_in(caller: Caller, wechat: MockWeChat) -> str:
    answer = caller.post("/api/session", {"code": wechat.js_code()})
    assert answer.status_code == 200, answer.text
    return str(answer.get_json()["session"])


def key_at_wechat(wechat: MockWeChat, path: str = EXCHANGE) -> str:
    return str(json.loads(wechat.calls(path)[-1].answer or "")["session_key"])


def encrypted(session_key: str, data: dict[str, Any]) -> dict[str, str]:
    """As WeChat's page gets it."""
    content = json.dumps(data).encode()
    length = 16 - len(content) % 16
    encryptor = Cipher(algorithms.AES(b64decode(session_key)), modes.CBC(b"i" * 16)).encryptor()
    text = encryptor.update(content + bytes([length]) * length) + encryptor.finalize()
    return {"encryptedData": b64encode(text).decode(), "iv": b64encode(b"i" * 16).decode()}


STEPS = {"stepInfoList": [{"timestamp": 1445866601, "step": 100}], "watermark": {"appid": MINI.appid, "timestamp": 1}}


def test_login_gives_a_handle_and_the_user_and_never_the_key(caller: Caller, wechat: MockWeChat) -> None:
    answer = caller.post("/api/session", {"code": wechat.js_code()})
    check(answer, 200)
    document = answer.get_json()
    at_wechat = json.loads(wechat.calls(EXCHANGE)[0].answer or "")
    assert document == {"session": document["session"], "openid": at_wechat["openid"], "unionid": at_wechat["unionid"]}
    assert at_wechat["session_key"] not in answer.text
    assert len(wechat.calls()) == 1
    wechat.add_account(MINI.appid, MINI.secret, "mini", open_platform=False)
    without = caller.post("/api/session", {"code": wechat.js_code(), "account": "mini"}).get_json()
    assert list(without) == ["session", "openid"]


def test_code_is_not_exchanged_for_an_account_that_is_no_mini_program(caller: Caller, wechat: MockWeChat) -> None:
    for path in ("/api/session", "/api/session/phone"):
        problem(caller.post(path, {"code": "0", "account": "default"}), 400, "account-kind-wrong")
        problem(caller.post(path, {"code": "0", "account": "none"}), 404, "account-unknown")
        problem(caller.post(path, {"code": "a b"}), 400, "parameter-wrong")
        problem(caller.post(path, {"code": "x" * 600}), 400, "parameter-wrong")
    assert wechat.calls() == []


def test_without_a_sealing_key_no_code_is_exchanged(environment: dict[str, str], wechat: MockWeChat) -> None:
    caller = Caller(create_app({**environment, "WECHAT_SECRET_KEY": ""}).test_client(), "everything")
    detail = problem(caller.post("/api/session", {"code": "x"}), 404, "not-configured")["detail"]
    assert "WECHAT_STORE_KEY" in detail
    assert "WECHAT_SECRET_KEY" in detail
    problem(caller.post("/api/session/sign", {"session": "A" * 43, "data": "x"}), 404, "not-configured")
    assert wechat.calls() == []


# What WeChat refuses, and what it does not answer ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("errcode", "status", "slug", "word"),
    [
        (40029, 400, "code-refused", "five minutes"),
        (40163, 400, "code-refused", "once"),
        (40226, 502, "wechat-refused", "high risk"),
        (45011, 429, "wechat-minute-limit", "minute"),
    ],
)
def test_refused_code_has_a_hint(
    caller: Caller, wechat: MockWeChat, errcode: int, status: int, slug: str, word: str
) -> None:
    wechat.fail(EXCHANGE, errcode, times=None)
    document = problem(caller.post("/api/session", {"code": wechat.js_code()}), status, slug)
    assert (document["errcode"], word in document["hint"]["en"]) == (errcode, True)
    assert len(wechat.calls(EXCHANGE)) == 1


LOST: list[dict[str, Any]] = [
    {"errcode": -1},
    {"errcode": 40001},
    {"drop": "before"},
    {"drop": "after"},
    {"status": 502, "body": "<html>"},
    {"body": '{"openid":"o'},
    {"body": "{}"},
    {"body": '{"openid":"o1","session_key":"short"}'},
    {"delay_seconds": 30},
]


@pytest.mark.parametrize("fault", LOST, ids=str)
def test_lost_login_code_is_never_sent_again(
    environment: dict[str, str], wechat: MockWeChat, caplog: pytest.LogCaptureFixture, fault: dict[str, Any]
) -> None:
    app = create_app({**environment, "WECHAT_READ_TIMEOUT_SECONDS": "0.3"})
    wechat.fail(EXCHANGE, times=None, **fault)
    code = wechat.js_code()
    answer = Caller(app.test_client(), "everything").post("/api/session", {"code": code})
    problem(answer, 502, "code-lost")
    assert len(wechat.calls(EXCHANGE)) == 1
    assert code not in caplog.text + answer.text
    (line,) = [one.getMessage() for one in caplog.records if "code lost" in one.getMessage()]
    assert ("rid: " in line) == ("errcode" in fault)


@pytest.mark.parametrize("fault", [one for one in LOST if one != {"errcode": 40001}], ids=str)
def test_lost_phone_code_is_never_sent_again(
    environment: dict[str, str], wechat: MockWeChat, fault: dict[str, Any]
) -> None:
    app = create_app({**environment, "WECHAT_READ_TIMEOUT_SECONDS": "0.3"})
    wechat.fail(PHONE, times=None, **fault)
    answer = Caller(app.test_client(), "everything").post("/api/session/phone", {"code": wechat.phone_code()})
    problem(answer, 502, "code-lost")
    assert len(wechat.calls(PHONE)) == 1


def test_phone_number(caller: Caller, wechat: MockWeChat) -> None:
    answer = caller.post("/api/session/phone", {"code": wechat.phone_code()})
    check(answer, 200)
    info = json.loads(wechat.calls(PHONE)[0].answer or "")["phone_info"]
    assert answer.get_json() == {name: info[name] for name in ("phoneNumber", "purePhoneNumber", "countryCode")}


def test_phone_code_is_sent_again_after_a_refused_token_only(caller: Caller, wechat: MockWeChat) -> None:
    caller.post("/api/session/phone", {"code": wechat.phone_code()})
    wechat.revoke(MINI.appid, "stable_token")
    assert caller.post("/api/session/phone", {"code": wechat.phone_code()}).status_code == 200
    assert len(wechat.calls(PHONE)) == 3
    wechat.fail(PHONE, 40001, times=None)  # the token is good: WeChat returns the same one
    problem(caller.post("/api/session/phone", {"code": wechat.phone_code()}), 502, "wechat-token-refused")
    assert len(wechat.calls(PHONE)) == 4
    problem(caller.post("/api/session/phone", {"code": "x"}), 502, "wechat-token-refused")


# A session's use ---------------------------------------------------------------------------------------------------


def test_user_data_opens_with_the_current_and_the_previous_key(caller: Caller, wechat: MockWeChat) -> None:
    session = log_in(caller, wechat)
    before = encrypted(key_at_wechat(wechat), STEPS)
    log_in(caller, wechat)
    for given in (before, encrypted(key_at_wechat(wechat), STEPS)):
        assert caller.post("/api/session/decrypt", {"session": session, **given}).get_json() == {"data": STEPS}
    foreign = encrypted(key_at_wechat(wechat), {"watermark": {"appid": "wx0000000000000009"}})
    answers = [
        caller.post("/api/session/decrypt", {"session": session, **wrong})
        for wrong in (foreign, before | {"iv": ""}, before | {"encryptedData": "A" * 900_000})
    ]
    assert len({problem(answer, 400, "decryption-failed")["detail"] for answer in answers}) == 1


def test_signature_is_that_of_the_users_key(caller: Caller, wechat: MockWeChat) -> None:
    session, text = log_in(caller, wechat), '{"offerId":"1","名":"值"}'
    answer = caller.post("/api/session/sign", {"session": session, "data": text})
    check(answer, 200)
    assert answer.get_json() == {"signature": session_signature(key_at_wechat(wechat), text.encode())}


def test_check_asks_wechat_and_a_refused_key_ends_the_session(caller: Caller, wechat: MockWeChat) -> None:
    one, two = log_in(caller, wechat), log_in(caller, wechat)
    for session in (one, two):
        answer = caller.post("/api/session/check", {"session": session}).get_json()
        assert answer["openid"] == wechat.openid(MINI.appid)
    wechat.fail(CHECK, 87009)
    problem(caller.post("/api/session/check", {"session": one}), *GONE)
    problem(caller.post("/api/session/sign", {"session": two, "data": "x"}), *GONE)
    assert len(wechat.calls(CHECK)) == 3


@pytest.mark.parametrize(("path", "at_wechat"), [("check", CHECK), ("reset", RESET)])
def test_failure_of_wechat_ends_no_session(caller: Caller, wechat: MockWeChat, path: str, at_wechat: str) -> None:
    session = log_in(caller, wechat)
    wechat.fail(at_wechat, -1, times=None)
    problem(caller.post(f"/api/session/{path}", {"session": session}), 503, "wechat-busy")
    assert len(wechat.calls(at_wechat)) == (2 if path == "check" else 1)
    assert caller.post("/api/session/sign", {"session": session, "data": "x"}).status_code == 200


def test_reset_changes_the_key_and_keeps_the_one_before(caller: Caller, wechat: MockWeChat) -> None:
    session = log_in(caller, wechat)
    before = encrypted(key_at_wechat(wechat), STEPS)
    answer = caller.post("/api/session/reset", {"session": session})
    assert list(answer.get_json()) == ["openid", "unionid"]
    assert caller.post("/api/session/check", {"session": session}).status_code == 200
    for given in (before, encrypted(key_at_wechat(wechat, RESET), STEPS)):
        assert caller.post("/api/session/decrypt", {"session": session, **given}).get_json() == {"data": STEPS}
    wechat.fail(RESET, 87009)
    problem(caller.post("/api/session/reset", {"session": session}), *GONE)
    problem(caller.post("/api/session/reset", {"session": session}), *GONE)
    assert len(wechat.calls(RESET)) == 2


USES: dict[str, dict[str, str]] = {
    "decrypt": {"encryptedData": "", "iv": ""},
    "sign": {"data": "x"},
    "check": {},
    "reset": {},
}


@pytest.mark.parametrize(("path", "more"), USES.items(), ids=USES)
def test_session_of_another_key_or_after_thirty_days_is_unknown(
    app: Flask, caller: Caller, wechat: MockWeChat, clock: FakeClock, path: str, more: dict[str, str]
) -> None:
    def asked(key: str) -> TestResponse:
        body = {"session": session, **more}
        return app.test_client().post(f"/api/session/{path}", json=body, headers={"Authorization": f"Bearer {key}"})

    session = log_in(caller, wechat)
    problem(asked(OTHER_KEY), *GONE)
    assert asked(KEYS["everything"]).status_code in (200, 400)
    problem(asked(KEYS["moderator"]), 403, "key-not-allowed")
    clock.advance(30 * 86_400)
    problem(asked(KEYS["everything"]), *GONE)
    problem(caller.post(f"/api/session/{path}", {**more, "session": "short"}), 400, "parameter-wrong")


def test_key_that_lost_the_account_has_no_session_there(services: Services, caller: Caller, wechat: MockWeChat) -> None:
    session = log_in(caller, wechat)
    others = [replace(key, accounts=frozenset({"default"})) for key in services.keys]
    restricted = services.settings.model_copy(update={"keys": services.keys.__class__(tuple(others))})
    client = create_app(services=replace(services, settings=restricted)).test_client()
    problem(
        Caller(client, "everything").post("/api/session/sign", {"session": session, "data": "x"}),
        403,
        "key-not-allowed",
    )


@pytest.mark.parametrize("event", ["user_authorization_revoke", "user_authorization_cancellation"])
def test_pushed_revocation_deletes_what_is_kept(app: Flask, caller: Caller, wechat: MockWeChat, event: str) -> None:
    session = log_in(caller, wechat)
    message = {"ToUserName": "gh_1", "FromUserName": "o1", "CreateTime": 1626857200, "MsgType": "event", "Event": event}
    pushed = message | {"OpenID": wechat.openid(MINI.appid), "AppID": MINI.appid, "RevokeInfo": "1"}

    def push(changes: dict[str, str]) -> None:
        answer = app.test_client().post("/api/push/mini", query_string=plain_query(), data=json.dumps(pushed | changes))
        assert answer.text == "success"

    push({"OpenID": "o-of-another-user"})
    assert caller.post("/api/session/sign", {"session": session, "data": "x"}).status_code == 200
    push({})
    problem(caller.post("/api/session/sign", {"session": session, "data": "x"}), *GONE)


def test_no_log_holds_a_user_key_code_or_number(caller: Caller, wechat: MockWeChat, log: io.StringIO) -> None:
    code, phone_code = wechat.js_code(), wechat.phone_code()
    session = caller.post("/api/session", {"code": code}).get_json()["session"]
    openid, session_key = wechat.openid(MINI.appid), key_at_wechat(wechat)
    for path, errmsg in ((CHECK, f"bad {openid}"), (EXCHANGE, f"bad {code}"), (PHONE, f"bad {phone_code}")):
        wechat.fail(path, -1, times=None, errmsg=errmsg)
    answers = [
        caller.post("/api/session/check", {"session": session}),
        caller.post("/api/session", {"code": code}),
        caller.post("/api/session/phone", {"code": phone_code}),
    ]
    text = log.getvalue() + "".join(answer.text for answer in answers)
    assert "code lost" in text
    for secret in (code, phone_code, session, openid, session_key, b64encode(b64decode(session_key)).decode()):
        assert secret not in text


def test_login_takes_a_place_of_the_pool(services: Services, caller: Caller, wechat: MockWeChat) -> None:
    give_back: list[Callable[[], None]] = []
    services.pool._wait_seconds = 0
    for _ in range(services.pool._free):
        give_back.append(services.pool.take(f"holder {len(give_back)}"))
    for path, body in (("", {"code": "x"}), ("/phone", {"code": "x"})):
        problem(caller.post(f"/api/session{path}", body), 503, "checks-busy")
    assert wechat.calls() == []
    give_back.pop()()
    assert caller.post("/api/session", {"code": wechat.js_code()}).status_code == 200
