"""Passes and tickets: in the shape that SDKs ask and read."""

import json
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from flask.testing import FlaskClient

from app.services import Services
from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.app.web.gateway.conftest import KEYS, TICKET, Sdk, refused
from tests.doubles import FakeClock

Make = Callable[..., Sdk]
STABLE = "/cgi-bin/stable_token"
ASKING = {"grant_type": "client_credential", "appid": MINI.appid, "secret": KEYS["sdk"]}
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("method", "path", "given"),
    [
        # wechatpy, WxJava, EasyWeChat, silenceper, co-wechat-api
        ("GET", "/cgi-bin/token", {"query_string": ASKING}),
        # WxJava, EasyWeChat, silenceper
        ("POST", STABLE, {"json": {**ASKING, "force_refresh": False}}),
        # fetch() and net/http without a Content-Type
        ("POST", STABLE, {"data": json.dumps({**ASKING, "force_refresh": True}), "content_type": "text/plain"}),
        ("POST", STABLE, {"data": json.dumps(ASKING), "content_type": FORM}),
        # what WeChat itself does not read
        ("POST", STABLE, {"data": urlencode(ASKING), "content_type": FORM}),
        ("POST", STABLE, {"query_string": ASKING}),
        ("POST", "/cgi-bin/token", {"query_string": ASKING, "json": {}}),
    ],
)
def test_pass_is_given_as_wechat_gives_a_token(
    client: FlaskClient, wechat: MockWeChat, method: str, path: str, given: Any
) -> None:
    wechat.scenario("down")
    answers = [client.open(path, method=method, **given) for _ in range(2)]
    for answer in answers:
        assert (answer.status_code, answer.content_type) == (200, "application/json")
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.data.endswith(b"}")  # co-wechat-api can't read a line end behind it
        assert answer.get_json() == {"access_token": answer.get_json()["access_token"], "expires_in": 7200}
    assert answers[0].get_json() != answers[1].get_json()
    assert wechat.calls() == []


def test_backend_may_ask_for_a_pass_with_its_key_alone(sdk: Make) -> None:
    caller = sdk("shop")
    asking = {"query_string": {"grant_type": "client_credential"}, "headers": caller.bearer}
    caller.token = caller.client.get("/cgi-bin/token", **asking).get_json()["access_token"]
    assert caller.check().get_json()["errcode"] == 0


@pytest.mark.parametrize("body", [b"{", b"[" * 60_000, b"\xff\xfe", b'{"appid": {}, "secret": []}', b"null", b"a=b&"])
def test_body_that_makes_no_sense_has_no_credentials(client: FlaskClient, body: bytes) -> None:
    assert client.post(STABLE, data=body).get_json()["errcode"] in (40125, 41002, 41004)


def test_credentials_are_a_small_body(client: FlaskClient) -> None:
    refused(client.post(STABLE, data=b"{" + b" " * 70_000), 45001)


@pytest.mark.parametrize("kind", ["jsapi", "wx_card"])
def test_ticket_comes_from_the_store(sdk: Make, wechat: MockWeChat, kind: str) -> None:
    caller = sdk("sdk", OFFICIAL.appid)
    answers = [
        caller.get(TICKET, type=kind),
        caller.client.post(TICKET, query_string={"access_token": caller.token, "type": kind}),
        caller.post(TICKET, {"type": kind}),
        caller.client.get(TICKET, query_string={"type": kind}, headers=caller.bearer),
    ]
    (call,) = wechat.calls(TICKET)
    assert call.query["type"] == kind
    for answer in answers:
        document = answer.get_json()
        assert document["ticket"] in (call.answer or "")
        assert document == {"errcode": 0, "errmsg": "ok", "ticket": document["ticket"], "expires_in": 300}


def test_ticket_of_the_gateway_is_that_of_the_other_endpoints(sdk: Make, services: Services) -> None:
    ticket = sdk("sdk", OFFICIAL.appid).get(TICKET, type="jsapi").get_json()["ticket"]
    provider = services.by_appid[OFFICIAL.appid].jsapi_ticket
    assert provider is not None
    assert provider.get().value == ticket


def test_ticket_for_sdks_of_apps_is_asked_by_its_type(sdk: Make, wechat: MockWeChat) -> None:
    wechat.fail(TICKET, body='{"errcode":0,"errmsg":"ok","ticket":"sdk-ticket","expires_in":7200}')
    answers = [sdk("sdk", OFFICIAL.appid).get(TICKET, type="2").get_json()["ticket"] for _ in range(2)]
    assert answers == ["sdk-ticket"] * 2
    assert [call.query["type"] for call in wechat.calls(TICKET)] == ["2"]


def test_only_tickets_for_pages_are_kept_warm(services: Services, wechat: MockWeChat) -> None:
    services.refresher().check()
    assert [call.query["type"] for call in wechat.calls(TICKET)] == ["jsapi"]


@pytest.mark.parametrize(("key", "left", "promised"), [("sdk", 20, 61), ("sdk", 200, 200), ("ticketer", 200, 1800)])
def test_ticket_lasts_until_a_successor_is_looked_for_but_not_too_short(
    sdk: Make, clock: FakeClock, key: str, left: int, promised: int
) -> None:
    caller = sdk(key, OFFICIAL.appid)
    caller.get(TICKET, type="jsapi")
    clock.advance(300 - left)
    assert caller.get(TICKET, type="jsapi").get_json()["expires_in"] == promised


@pytest.mark.parametrize(("appid", "kind"), [(MINI.appid, "jsapi"), (OFFICIAL.appid, "x"), (OFFICIAL.appid, "")])
def test_ticket_that_there_is_not_is_refused(sdk: Make, wechat: MockWeChat, appid: str, kind: str) -> None:
    refused(sdk("sdk", appid).get(TICKET, type=kind), 40097)
    assert wechat.calls() == []


def test_ticket_that_wechat_refuses_is_answered_with_its_errcode(sdk: Make, wechat: MockWeChat) -> None:
    wechat.fail(TICKET, 48001, times=None)
    errmsg = refused(sdk("sdk", OFFICIAL.appid).get(TICKET, type="wx_card"), 48001)
    assert errmsg.count("rid: ") == 1
    assert sdk("sdk", OFFICIAL.appid).get(TICKET, type="jsapi").get_json()["errcode"] == 48001
