"""What is logged, audited and counted of a call; never a query, a body, a key or a pass."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Flask

from app.services import Services
from app.web.extension import init_app
from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.app.web.conftest import KEYS as OTHER_KEYS
from tests.app.web.gateway.conftest import CHECK, KEYS, MENU, TICKET, Sdk
from tests.exposition import read

Make = Callable[..., Sdk]


def lines(log: io.StringIO, logger: str) -> list[dict[str, Any]]:
    written = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line for line in written if line["logger"] == logger]


def test_access_line_has_key_errcode_and_whether_the_call_was_repeated(
    sdk: Make, wechat: MockWeChat, log: io.StringIO
) -> None:
    caller = sdk()
    caller.check()
    wechat.revoke(MINI.appid, "stable_token")
    caller.check()
    caller.post(MENU)
    caller.client.get("/sns/auth?access_token=x&openid=y")
    facts = ("path", "status", "key_name", "errcode", "repeated")
    assert [[line.get(fact) for fact in facts] for line in lines(log, "app.web.access_log")] == [
        ["/cgi-bin/token", 200, "sdk", "0", None],
        [CHECK, 200, "sdk", "0", None],
        [CHECK, 200, "sdk", "0", "yes"],
        [MENU, 200, "sdk", "48001", None],
        ["/sns/auth", 200, "-", "40001", None],
    ]


def test_what_is_handed_out_and_what_manages_is_audited(sdk: Make, wechat: MockWeChat, log: io.StringIO) -> None:
    manager, operator = sdk("manager", OFFICIAL.appid), sdk("operator")
    manager.get(TICKET, type="jsapi")
    manager.check()
    manager.post(MENU, {"button": []})
    operator.post("/cgi-bin/openapi/rid/get", {"rid": "x"})
    sdk().post("/cgi-bin/clear_quota", {"appid": "x"})
    facts = ("message", "key_name", "client", "appid", "path", "errcode", "bytes")
    written = lines(log, "app.audit")
    assert [[line[fact] for fact in facts] for line in written if line["path"] != "/cgi-bin/token"] == [
        ["ticket handed out", "manager", "127.0.0.1", OFFICIAL.appid, TICKET, 0, 0],
        ["gateway: manage", "manager", "127.0.0.1", OFFICIAL.appid, MENU, 40016, 14],
        ["gateway: ops", "operator", "127.0.0.1", MINI.appid, "/cgi-bin/openapi/rid/get", 76002, 12],
        ["gateway: ops", "sdk", "127.0.0.1", MINI.appid, "/cgi-bin/clear_quota", 48001, 0],
    ]
    passes = [line for line in written if line["path"] == "/cgi-bin/token"]
    assert [line["message"] for line in passes] == ["pass handed out"] * 3
    (rid,) = [line["rid"] for line in written if line["path"] == MENU]
    assert f"rid: {rid}" in str(wechat.calls(MENU)[0].answer)
    assert len({line["key_id"] for line in written}) == 3


def test_log_holds_no_query_body_key_or_pass(sdk: Make, wechat: MockWeChat, log: io.StringIO) -> None:
    caller = sdk("operator")
    caller.post(CHECK, {"content": "body-of-the-call"})
    caller.get("/cgi-bin/user/get", next_openid="query-of-the-call")
    caller.client.post(CHECK, headers=caller.bearer, data="{")
    caller.client.get("/cgi-bin/token", query_string={**caller.asking, "secret": "unknown-key-unknown-key"})
    wechat.fail(CHECK, drop="after")
    caller.check()
    wechat.stop()
    caller.check()
    tokens = [call.query["access_token"] for call in wechat.calls(CHECK)]
    for secret in (caller.token, *KEYS.values(), *tokens, MINI.secret, "-of-the-call", "unknown-key"):
        assert secret not in log.getvalue()


def test_calls_are_counted_by_key_endpoint_and_errcode(sdk: Make, services: Services, wechat: MockWeChat) -> None:
    caller = sdk()
    caller.check()
    caller.get("/cgi-bin/invented/path")
    caller.post(MENU)
    wechat.fail(CHECK, body="<html>", status=502)
    caller.check()
    caller.client.get("/cgi-bin/token", query_string={**caller.asking, "secret": "x"})
    caller.client.put("/cgi-bin/token")
    counted = {
        (of["key"], of["endpoint"], of["errcode"]): count
        for (name, labels), count in read(services.meters.text().decode()).items()
        if name == "wechat_gateway_calls_total" and (of := dict(labels))
    }
    assert counted == {
        ("sdk", "/cgi-bin/token", "0"): 1,
        ("sdk", CHECK, "0"): 1,
        ("sdk", "other", "40066"): 1,
        ("sdk", MENU, "48001"): 1,
        ("sdk", CHECK, ""): 1,
        ("-", "/cgi-bin/token", "40125"): 1,
    }


def test_embedding_application_has_no_gateway(services: Services) -> None:
    site = Flask("site")
    settings = services.settings.model_copy(update={"public_url": "https://h5.example.com"})
    init_app(site, settings, services=replace(services, settings=settings))
    client = site.test_client()
    assert client.get("/cgi-bin/token", query_string=Sdk(site).asking).status_code == 404
    reader = {"Authorization": f"Bearer {OTHER_KEYS['reader']}"}
    assert client.get("/api/access_token", headers=reader).status_code == 200
