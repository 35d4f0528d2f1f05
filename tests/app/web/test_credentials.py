"""access_token and jsapi_ticket for other business servers."""

import logging
from collections.abc import Mapping

import pytest

from app.stores import Credential
from app.web.credentials import promised_seconds
from mock_wechat import MINI, MockWeChat
from tests.app.web.conftest import Caller, problem
from tests.doubles import START, FakeClock


def test_access_token_has_its_lifetime(caller: Caller, wechat: MockWeChat) -> None:
    document = caller.get("/api/access_token").get_json()
    (call,) = wechat.calls("/cgi-bin/stable_token")
    assert document["access_token"] in (call.answer or "")
    assert document == {
        "access_token": document["access_token"],
        "expires_in": 7200 - 295,
        "expires_at": int(START) + 7200 - 295,
        "cache_seconds": 60,
    }


def test_ticket_has_its_lifetime(caller: Caller) -> None:
    document = caller.get("/api/jsapi_ticket").get_json()
    assert list(document) == ["ticket", "expires_in", "expires_at", "cache_seconds"]
    assert document["expires_in"] == 300


@pytest.mark.parametrize(
    ("stale_in", "expires_in", "promised"),
    [(6905, 7200, 6905), (60.9, 7200, 61), (-5, 7200, 61), (5, 20.9, 20), (-5, 0.5, 0), (-5, -1, 0), (100.9, 101, 100)],
)
def test_promise_ends_when_looking_for_a_successor_begins(stale_in: float, expires_in: float, promised: int) -> None:
    credential = Credential("t1", START, START + stale_in, START + expires_in, 1, START)
    assert promised_seconds(credential, START) == promised


def test_cache_seconds_never_exceed_the_promise(caller: Caller, clock: FakeClock) -> None:
    caller.get("/api/access_token")
    clock.advance(7200 - 40)
    document = caller.get("/api/access_token").get_json()
    assert (document["expires_in"], document["cache_seconds"]) == (40, 40)


def test_refresh_of_the_current_one_gives_its_successor(caller: Caller, wechat: MockWeChat) -> None:
    current = caller.get("/api/access_token").get_json()["access_token"]
    wechat.revoke("wx0000000000000001", "stable_token")
    successor = caller.post("/api/access_token/refresh", {"rejected": current}).get_json()["access_token"]
    assert successor != current
    assert caller.post("/api/access_token/refresh", {"rejected": current}).get_json()["access_token"] == successor
    assert len(wechat.calls("/cgi-bin/stable_token")) == 2


def test_refresh_of_something_else_gives_the_current_one(caller: Caller, wechat: MockWeChat) -> None:
    current = caller.get("/api/jsapi_ticket").get_json()["ticket"]
    for rejected in ("never seen", "\u4e2d", "\x00"):
        assert caller.post("/api/jsapi_ticket/refresh", {"rejected": rejected}).get_json()["ticket"] == current
    assert len(wechat.calls("/cgi-bin/ticket/getticket")) == 1


def test_account_is_the_first_one_unless_named(caller: Caller, wechat: MockWeChat) -> None:
    caller.get("/api/access_token")
    caller.get("/api/access_token?account=mini")
    caller.post("/api/access_token/refresh", {"rejected": "x", "account": "wx0000000000000002"})
    caller.post("/api/access_token/refresh?account=mini", {"rejected": "x"})
    assert [call.appid for call in wechat.calls("/cgi-bin/stable_token")] == [
        "wx0000000000000001",
        "wx0000000000000002",
    ]


def test_mini_program_has_no_ticket(caller: Caller, wechat: MockWeChat) -> None:
    problem(caller.get("/api/jsapi_ticket?account=mini"), 400, "parameter-wrong")
    assert wechat.calls() == []


def test_handing_out_is_audited_with_the_callers_name_and_without_the_value(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        value = caller.get("/api/access_token?account=mini").get_json()["access_token"]
    (record,) = [record for record in caplog.records if record.name == "app.audit"]
    assert record.getMessage() == "access_token handed out"
    assert isinstance(record.args, Mapping)
    facts = ("key_name", "client", "appid", "path")
    assert [record.args[fact] for fact in facts] == ["everything", "127.0.0.1", MINI.appid, "/api/access_token"]
    assert value not in caplog.text
