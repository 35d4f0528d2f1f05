"""Who may call what: each refusal is WeChat's errcode with HTTP 200, and nothing of it reaches WeChat."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.services import Services, build_services
from app.settings import load_settings
from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.app.web.conftest import problem
from tests.app.web.gateway.conftest import CHECK, KEYS, MENU, PHONE, TICKET, Sdk, refused
from tests.doubles import FakeClock

Make = Callable[..., Sdk]
CLEAR = "/cgi-bin/clear_quota/v2"


def asked(**given: str | None) -> dict[str, str]:
    """A call for a token by the key `sdk`, with some parameters changed, or without those that are None."""
    usual = {"grant_type": "client_credential", "appid": MINI.appid, "secret": KEYS["sdk"]}
    return {name: value for name, value in {**usual, **given}.items() if value is not None}


@pytest.mark.parametrize(
    ("given", "errcode"),
    [
        ({"secret": "no-key-of-this-server-at-all"}, 40125),
        ({"secret": MINI.secret}, 40125),
        ({"secret": "密\x00"}, 40125),
        ({"secret": None}, 41004),
        ({"appid": None}, 41002),
        ({"appid": "wx00000000000000ff"}, 40013),
        ({"appid": OFFICIAL.appid, "secret": KEYS["shop"]}, 40013),
        ({"secret": KEYS["tokens"]}, 48001),
        ({"secret": KEYS["sns"]}, 48001),
        ({"grant_type": None}, 40002),
        ({"grant_type": "authorization_code"}, 40002),
    ],
)
@pytest.mark.parametrize("path", ["/cgi-bin/token", "/cgi-bin/stable_token"])
def test_refused_on_the_token_paths(
    app: Flask, wechat: MockWeChat, given: dict[str, str | None], errcode: int, path: str
) -> None:
    refused(app.test_client().get(path, query_string=asked(**given)), errcode)
    refused(app.test_client().post(path, json=asked(**given)), errcode)
    assert wechat.calls() == []


@pytest.mark.parametrize(
    ("key", "path", "errcode"),
    [
        ("sdk", MENU, 48001),
        ("sdk", "/cgi-bin/clear_quota", 48001),
        ("sdk", "/cgi-bin/openapi/rid/get", 48001),
        ("manager", "/cgi-bin/component/api_component_token", 48001),
        ("manager", "/cgi-bin/clear_quota", 48001),
        ("operator", MENU, 48001),
        ("checker", "/cgi-bin/user/get", 48001),
        ("checker", TICKET, 48001),
        ("shop", "/wxa/../cgi-bin/menu/create", 40066),
        ("shop", "/wxa/%2e%2e/cgi-bin/menu/create", 40066),
        ("shop", "/wxa/./msg_sec_check", 40066),
        ("shop", "/wxa/msg_sec_check%3fa", 40066),
        ("shop", "/wxa/消息", 40066),
        ("shop", "/cgi-bin/Token", 40066),
        ("shop", f"{CHECK}?secret={KEYS['shop']}", 48001),
        ("shop", f"{CHECK}?appsecret=x", 48001),
        ("shop", f"{CHECK}?access_token=x", 40001),
        ("shop", f"{CHECK}?access%5Ftoken=x", 40001),
    ],
)
def test_refused_for_the_key_or_the_path(sdk: Make, wechat: MockWeChat, key: str, path: str, errcode: int) -> None:
    caller = sdk(key)
    path, _, query = path.partition("?")
    refused(caller.client.post(f"{path}?access_token={caller.token}&{query}", json={}), errcode)
    assert wechat.calls() == []


def test_key_has_what_it_was_given(sdk: Make, wechat: MockWeChat) -> None:
    for key, path in (("operator", "/cgi-bin/clear_quota"), ("manager", MENU), ("checker", CHECK)):
        sdk(key).post(path, {"content": "x"})
    assert [call.path for call in wechat.calls() if call.token_state] == ["/cgi-bin/clear_quota", MENU, CHECK]


@pytest.mark.parametrize("token", ["x", "", "p1.a.b.1.c.d", "81_boEwUTaUb1wYD_9JBx", "密"])
def test_what_is_no_pass_is_a_dead_token(app: Flask, wechat: MockWeChat, token: str) -> None:
    errmsg = refused(app.test_client().post(CHECK, query_string={"access_token": token}, data="{}"), 40001)
    assert "access_token expired" in errmsg
    assert "42001" in errmsg
    assert wechat.calls() == []


def test_pass_ends_after_its_life(sdk: Make, clock: FakeClock) -> None:
    caller = sdk()
    clock.advance(7499)
    assert caller.check().get_json()["errcode"] == 0
    clock.advance(2)
    refused(caller.check(), 40001)


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        (lambda text: text.replace(KEYS["sdk"], "another-value-of-the-same-name"), 40001),
        (lambda text: text.replace('["gateway", "sns"]', '["sns"]'), 40001),
        (lambda text: text.replace('["gateway", "sns"]', '["gateway"]\naccounts = ["default"]'), 40013),
        (lambda text: text.replace('["gateway", "sns"]', '["gateway"]\npaths = ["/cgi-bin/*"]'), 48001),
        (lambda text: text, 0),
    ],
)
def test_pass_dies_with_what_its_key_may_do(
    sdk: Make, environment: dict[str, str], clock: FakeClock, change: Callable[[str], str], errcode: int
) -> None:
    token = sdk().token
    file = Path(environment["WECHAT_CONFIG"])
    file.write_text(change(file.read_text()))
    reloaded = Sdk(create_app(services=built(environment, clock)))
    reloaded.token = token
    answer = reloaded.check()
    assert refused(answer, errcode) if errcode else answer.get_json()["errcode"] == 0


def test_passes_outlive_a_change_of_the_signing_secret(
    sdk: Make, environment: dict[str, str], clock: FakeClock
) -> None:
    token, signing = sdk().token, environment["WECHAT_SECRET_KEY"]
    for secrets, errcode in ((f"{'new' * 12},{signing}", 0), ("new" * 12, 40001)):
        other = Sdk(create_app(services=built(environment | {"WECHAT_SECRET_KEY": secrets}, clock)))
        other.token = token
        assert other.check().get_json()["errcode"] == errcode


def built(environment: dict[str, str], clock: FakeClock) -> Services:
    return build_services(load_settings(environment), clock=clock, sleep=clock.sleep, spawn=lambda work: work())


@pytest.mark.parametrize(
    ("headers", "appid"),
    [({}, OFFICIAL.appid), ({"X-WeChat-Account": "mini"}, MINI.appid), ({"X-WeChat-Account": MINI.appid}, MINI.appid)],
)
def test_backend_calls_with_its_key_and_no_token(
    app: Flask, wechat: MockWeChat, headers: dict[str, str], appid: str
) -> None:
    """Without a token the account is the header's, or the first one."""
    caller = Sdk(app)
    caller.client.post("/cgi-bin/clear_quota", headers={**caller.bearer, **headers}, data="{}")
    refused(caller.client.post("/cgi-bin/user/get", headers={**caller.bearer, "X-WeChat-Account": "none"}), 40013)
    caller.client.post(CHECK, headers={**caller.bearer, **headers}, data="{}")
    assert [(call.appid, call.token_state) for call in wechat.calls(CHECK)] == [(appid, "current")]


def test_only_account_of_a_key_is_its_first_one(app: Flask, wechat: MockWeChat) -> None:
    caller = Sdk(app, "shop")
    caller.client.post(CHECK, headers=caller.bearer, data='{"content":"x"}')
    assert wechat.calls(CHECK)[0].appid == MINI.appid
    refused(caller.client.post(CHECK, headers={**caller.bearer, "X-WeChat-Account": OFFICIAL.appid}), 40013)


@pytest.mark.parametrize(
    ("key", "appid", "header", "account"),
    [
        ("sdk", MINI.appid, None, MINI.appid),
        ("sdk", MINI.appid, "mini", MINI.appid),
        ("sdk", None, "mini", MINI.appid),
        ("sdk", None, None, OFFICIAL.appid),
        ("sdk", OFFICIAL.appid, "mini", None),
        ("sdk", "wx00000000000000ff", None, None),
        ("sdk", "wx00000000000000ff", "mini", None),
        ("shop", OFFICIAL.appid, None, None),
    ],
)
@pytest.mark.parametrize("place", ["query_string", "data", "json"])
def test_pass_of_a_backend_is_for_the_account_that_it_names(
    app: Flask, place: str, key: str, appid: str | None, header: str | None, account: str | None
) -> None:
    headers = {**Sdk(app, key).bearer, **({"X-WeChat-Account": header} if header else {})}
    given: dict[str, Any] = {place: asked(appid=appid, secret=None)}
    for path in ("/cgi-bin/token", "/cgi-bin/stable_token"):
        answer = app.test_client().post(path, headers=headers, **given)
        if account is None:
            refused(answer, 40013)
        else:
            assert answer.get_json()["access_token"].split(".")[2] == account


@pytest.mark.parametrize(
    ("key", "path"), [("sdk", "/sns/jscode2session"), ("sns", "/sns/oauth2/access_token"), ("operator", CLEAR)]
)
def test_secret_that_a_backend_needs_is_that_of_the_account_that_it_names(
    app: Flask, wechat: MockWeChat, key: str, path: str
) -> None:
    caller = Sdk(app, key)
    other = {**caller.bearer, "X-WeChat-Account": "default"}
    refused(caller.client.post(path, headers=other, query_string={"appid": MINI.appid}), 40013)
    assert wechat.calls() == []
    caller.client.post(path, headers=caller.bearer, query_string={"appid": MINI.appid})
    (call,) = wechat.calls(path)
    assert {MINI.appid, MINI.secret} <= set(call.query.values())


def test_backend_without_a_key_or_with_an_unknown_one_is_refused(app: Flask, wechat: MockWeChat) -> None:
    client = app.test_client()
    refused(client.post(CHECK), 41001)
    refused(client.post(CHECK, headers={"Authorization": "Basic eDp5"}), 41001)
    refused(client.post(CHECK, headers={"Authorization": "Bearer no-key-of-this-server-at-all"}), 40125)
    refused(client.get("/cgi-bin/token", query_string={"grant_type": "client_credential"}), 41004)
    assert wechat.calls() == []


@pytest.mark.parametrize("method", ["HEAD", "OPTIONS", "PUT", "DELETE", "PATCH", "TRACE"])
@pytest.mark.parametrize("path", ["/cgi-bin/token", CHECK])
def test_other_methods_are_405(app: Flask, wechat: MockWeChat, method: str, path: str) -> None:
    response = app.test_client().open(path, method=method, query_string=asked())
    assert response.status_code == 405
    assert {"GET", "POST"} <= set(response.headers["Allow"].split(", "))
    assert wechat.calls() == []


@pytest.mark.parametrize(
    "path", ["/cgi-bin", "/cgi-bin/", "/cgi-bins/token", "/wxa//msg_sec_check", "/_mock/state", "//cgi-bin/token"]
)
def test_path_outside_of_the_families_is_our_404(app: Flask, path: str) -> None:
    problem(app.test_client().get(path, query_string=asked()), 404, "not-found")


def test_public_listener_has_no_gateway(environment: dict[str, str]) -> None:
    for listener, status in (("public", 404), ("internal", 200)):
        app = create_app({**environment, "WECHAT_LISTENER": listener})
        assert app.test_client().get("/cgi-bin/token", query_string=asked()).status_code == status
        assert app.test_client().post(PHONE, headers=Sdk(app).bearer).status_code == status


@pytest.mark.parametrize(("hop", "sent"), [(None, "1"), ("1", "2")])
def test_gateways_in_a_row_are_counted(sdk: Make, wechat: MockWeChat, hop: str | None, sent: str) -> None:
    caller = sdk()
    caller.post(CHECK, {"content": "x"}, headers={"X-WeChat-Hop": hop} if hop else {})
    assert wechat.calls(CHECK)[0].headers["x-wechat-hop"] == sent


@pytest.mark.parametrize("hop", ["2", "3", "x", "-1"])
def test_third_gateway_in_a_row_refuses(sdk: Make, wechat: MockWeChat, hop: str) -> None:
    refused(sdk().post(CHECK, {"content": "x"}, headers={"X-WeChat-Hop": hop}), 48001)
    assert wechat.calls(CHECK) == []
