"""Calls that go on to WeChat: with our credentials in place of the caller's, and WeChat's own answer back."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask

from app.services import Services
from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.app.web.gateway.conftest import CHECK, KEYS, PHONE, TICKET, Sdk, document, refused

Make = Callable[..., Sdk]
STABLE, CLEAR = "/cgi-bin/stable_token", "/cgi-bin/clear_quota/v2"
SESSION, OAUTH = "/sns/jscode2session", "/sns/oauth2/access_token"


def test_call_goes_on_with_our_token_and_the_answer_comes_back(sdk: Make, wechat: MockWeChat) -> None:
    answer = sdk().check()
    (call,) = wechat.calls(CHECK)
    assert (call.method, call.body, call.token_state) == ("POST", '{"content": "你好"}', "current")
    assert answer.text == call.answer == '{"errcode":0,"errmsg":"ok"}'
    assert answer.content_type == "application/json; encoding=utf-8"
    assert answer.headers["Content-Length"] == "27"


def test_call_without_a_body_is_sent_without_one(sdk: Make, wechat: MockWeChat) -> None:
    sdk("sdk", OFFICIAL.appid).get("/cgi-bin/getcallbackip", lang="zh")
    (call,) = wechat.calls("/cgi-bin/getcallbackip")
    assert (call.method, call.body_length, call.query["lang"]) == ("GET", 0, "zh")
    assert "content-length" not in call.headers


def test_refused_token_is_replaced_and_the_call_repeated(sdk: Make, wechat: MockWeChat) -> None:
    caller = sdk()
    for _ in range(3):
        assert caller.check().get_json()["errcode"] == 0
        wechat.revoke(MINI.appid, "stable_token")
    assert [call.errcode for call in wechat.calls(CHECK)] == [0, 40001, 0, 40001, 0]
    assert len(wechat.calls(STABLE)) == 3


@pytest.mark.parametrize(
    "fault", [{"errcode": -1}, {"errcode": 45009}, {"status": 502, "body": "<html>"}, {"body": "x"}]
)
def test_other_answers_of_wechat_come_back_as_they_are(sdk: Make, wechat: MockWeChat, fault: dict[str, Any]) -> None:
    wechat.fail(CHECK, times=None, **fault)
    answer = sdk().check()
    (call,) = wechat.calls(CHECK)
    assert (answer.status_code, answer.text) == (call.status, call.answer)


def test_wechat_that_cannot_be_reached_is_busy(sdk: Make, wechat: MockWeChat) -> None:
    caller = sdk()
    caller.check()
    wechat.stop()
    refused(caller.check(), -1)


def test_call_that_wechat_got_and_did_not_answer_is_never_sent_again(sdk: Make, wechat: MockWeChat) -> None:
    wechat.fail(CHECK, times=None, drop="after")
    refused(sdk().check(), 599001)
    assert len(wechat.calls(CHECK)) == 1


@pytest.mark.parametrize(
    ("fault", "answered"), [({"errcode": -1}, -1), ({"drop": "after"}, 599001), ({"errcode": 40029}, 40029)]
)
@pytest.mark.parametrize("path", [SESSION, PHONE])
def test_code_is_sent_once(sdk: Make, wechat: MockWeChat, path: str, fault: dict[str, Any], answered: int) -> None:
    wechat.fail(path, times=None, **fault)
    caller = sdk()
    if path == PHONE:
        answer = caller.post(path, {"code": wechat.phone_code()})
    else:
        answer = caller.client.get(path, query_string={**caller.asking, "js_code": wechat.js_code()})
    assert document(answer)["errcode"] == answered
    assert len(wechat.calls(path)) == 1


# -- login


def test_session_of_a_mini_program_is_asked_with_the_real_secret(sdk: Make, wechat: MockWeChat) -> None:
    caller = sdk()
    query = {**caller.asking, "js_code": wechat.js_code(), "grant_type": "authorization_code", "x": "a b"}
    assert document(caller.client.get(SESSION, query_string=query))["openid"] == wechat.openid(MINI.appid)
    asking = {"js_code": wechat.js_code(), "grant_type": "authorization_code"}
    given = {"headers": {**caller.bearer, "X-WeChat-Account": "mini"}, "query_string": asking}
    assert document(caller.client.get(SESSION, **given))["openid"] == wechat.openid(MINI.appid)
    for call in wechat.calls(SESSION):
        assert (call.query["appid"], call.query["secret"]) == (MINI.appid, MINI.secret)
    wechat.assert_secret_only_sent_to_token_endpoints()


def test_user_logs_in_with_a_key_and_goes_on_with_tokens_of_their_own(app: Flask, wechat: MockWeChat) -> None:
    client = app.test_client()
    asking = {"appid": OFFICIAL.appid, "secret": KEYS["sns"], "grant_type": "authorization_code"}
    code = wechat.oauth_code(scope="snsapi_userinfo")
    user = document(client.get(OAUTH, query_string={**asking, "code": code}))
    asking = {"access_token": user["access_token"], "openid": user["openid"]}
    assert document(client.get("/sns/userinfo", query_string={**asking, "lang": "zh_CN"}))["nickname"]
    assert document(client.get("/sns/auth", query_string=asking)) == {"errcode": 0, "errmsg": "ok"}
    asking = {"appid": OFFICIAL.appid, "grant_type": "refresh_token", "refresh_token": user["refresh_token"]}
    assert document(client.get("/sns/oauth2/refresh_token", query_string=asking))["openid"] == user["openid"]


def test_refused_user_token_is_no_reason_for_a_repeat(app: Flask, wechat: MockWeChat) -> None:
    answer = app.test_client().get("/sns/userinfo", query_string={"access_token": "x", "openid": "y"})
    assert document(answer)["errcode"] == 40001
    assert [call.path for call in wechat.calls()] == ["/sns/userinfo"]


@pytest.mark.parametrize("key", ["shop", "operator", "tokens"])
def test_session_key_needs_the_scope_sns(app: Flask, wechat: MockWeChat, key: str) -> None:
    caller = Sdk(app, key)
    refused(caller.client.get(SESSION, query_string={**caller.asking, "js_code": wechat.js_code()}), 48001)
    assert wechat.calls() == []


@pytest.mark.parametrize("second", [{"SECRET": "x"}, {"secret ": "x"}, {"secret%00": "x"}])
def test_second_secret_is_refused(app: Flask, wechat: MockWeChat, second: dict[str, str]) -> None:
    caller = Sdk(app)
    query = f"{urlencode(caller.asking)}&js_code=x&{'&'.join(f'{name}={value}' for name, value in second.items())}"
    refused(caller.client.get(f"{SESSION}?{query}"), 40097)
    assert wechat.calls() == []


@pytest.mark.parametrize(
    ("key", "path", "ours", "other"),
    [
        ("sdk", SESSION, "secret", "appsecret"),
        ("sdk", SESSION, "secret", "APPSECRET"),
        ("sdk", SESSION, "secret", "app%73ecret"),
        ("sns", OAUTH, "secret", "appsecret[]"),
        ("operator", CLEAR, "appsecret", "secret"),
    ],
)
@pytest.mark.parametrize("bearer", [False, True])
def test_key_under_the_name_of_another_paths_secret_never_reaches_wechat(
    app: Flask, wechat: MockWeChat, key: str, path: str, ours: str, other: str, bearer: bool
) -> None:
    caller = Sdk(app, key)
    given = {"appid": MINI.appid, **({} if bearer else {ours: caller.secret})}
    query = f"{urlencode(given)}&code=x&js_code=x&{other}={caller.secret}"
    refused(caller.client.post(f"{path}?{query}", headers=caller.bearer if bearer else {}), 48001)
    assert wechat.calls() == []


def test_login_asks_with_the_secret_that_is_in_its_file_now(sdk: Make, services: Services, wechat: MockWeChat) -> None:
    caller, secret = sdk(), services.by_appid[MINI.appid].secret
    wechat.fail(SESSION, 40125)
    reloads: list[str] = []
    secret.reload = lambda: reloads.append("reloaded")  # type: ignore[method-assign] # a double
    answer = caller.client.get(SESSION, query_string={**caller.asking, "js_code": "x"})
    assert document(answer)["errcode"] == 40125
    assert reloads == ["reloaded"]


# -- quotas


@pytest.mark.parametrize("place", ["query_string", "json"])
def test_quota_is_cleared_with_the_real_secret(sdk: Make, wechat: MockWeChat, place: str) -> None:
    caller = sdk("operator")
    given: dict[str, Any] = {place: {"appid": MINI.appid, "appsecret": caller.secret}}
    path = CLEAR if place == "query_string" else f"{CLEAR}?access_token={caller.token}"  # as gopay sends it
    assert caller.client.post(path, **given).get_json()["errcode"] == 0
    (call,) = wechat.calls(CLEAR)
    assert call.query == {"appid": MINI.appid, "appsecret": MINI.secret}
    assert call.body_length == 0


def test_quota_is_not_cleared_without_the_scope_ops(sdk: Make, wechat: MockWeChat) -> None:
    caller = sdk()
    refused(caller.client.post(CLEAR, json={"appid": MINI.appid, "appsecret": caller.secret}), 48001)
    assert wechat.calls() == []


def test_request_that_wechat_quotes_shows_no_token(sdk: Make, wechat: MockWeChat) -> None:
    caller = sdk("operator")
    wechat.fail(CHECK, 45009)
    rid = caller.check().get_json()["errmsg"].rpartition("rid: ")[2]
    quoted = caller.post("/cgi-bin/openapi/rid/get", {"rid": rid}).get_json()["request"]["request_url"]
    assert "access_token=***" in quoted
    assert wechat.calls(CHECK)[0].query["access_token"] not in quoted


def test_ticket_under_another_spelling_is_not_ours(sdk: Make) -> None:
    """WeChat may take it for the same path: then it is a call like any other."""
    answer = sdk("sdk", OFFICIAL.appid).get(TICKET.upper().replace("/CGI-BIN", "/cgi-bin"), type="jsapi")
    assert "ticket" not in answer.get_json()
