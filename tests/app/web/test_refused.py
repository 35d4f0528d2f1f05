"""Pages that were told `invalid signature`: when another ticket is fetched, and how often."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services import Services
from mock_wechat import OFFICIAL, MockWeChat
from tests.app.web.conftest import problem
from tests.doubles import FakeClock

PAGE = "https://h5.example.com/a/b?c=1&d=%E4%B8%AD"
SIGN, PATH = "/api/jssdk/signature", "/api/jssdk/refused"
GETTICKET, STABLE_TOKEN = "/cgi-bin/ticket/getticket", "/cgi-bin/stable_token"


@pytest.fixture(autouse=True)
def _domains(wechat: MockWeChat) -> None:
    wechat.add_account(OFFICIAL.appid, OFFICIAL.secret, js_domains=["h5.example.com"])


def signed(client: FlaskClient, url: str = PAGE) -> dict[str, Any]:
    config = client.post(SIGN, data=json.dumps({"url": url})).get_json()
    assert isinstance(config, dict)
    return config


def report(client: FlaskClient, config: dict[str, Any], **changed: Any) -> TestResponse:
    told = {name: config[name] for name in ("url", "timestamp", "nonceStr", "signature")} | changed
    return client.post(PATH, data=json.dumps(told))


def fetches(wechat: MockWeChat) -> tuple[int, int]:
    """How often WeChat was asked for a token, for a ticket."""
    return len(wechat.calls(STABLE_TOKEN)), len(wechat.calls(GETTICKET))


def test_a_ticket_that_ended_early_is_replaced_by_one_fetch_and_the_new_signature_is_valid(
    client: FlaskClient, wechat: MockWeChat
) -> None:
    config = signed(client)
    wechat.revoke(OFFICIAL.appid, "jsapi_ticket")
    assert wechat.verify(config, PAGE) != {"valid": True}
    answer = report(client, config)
    assert answer.status_code == 200
    assert list(answer.get_json()) == ["appId", "timestamp", "nonceStr", "signature", "url"]
    assert wechat.verify(answer.get_json(), PAGE) == {"valid": True}
    assert fetches(wechat) == (1, 2)


def test_pages_that_report_the_old_ticket_later_cost_nothing_more(client: FlaskClient, wechat: MockWeChat) -> None:
    config = signed(client)
    wechat.revoke(OFFICIAL.appid, "jsapi_ticket")
    for _ in range(20):
        assert wechat.verify(report(client, config).get_json(), PAGE) == {"valid": True}
    assert fetches(wechat) == (1, 2)


@pytest.mark.parametrize(
    "changed",
    [
        {"signature": "0" * 40},
        {"signature": "\u4e2d"},
        {"timestamp": 1},
        {"timestamp": -(10**30)},
        {"nonceStr": "other"},
        {"url": "https://h5.example.com/other"},
    ],
)
def test_a_signature_that_the_current_ticket_did_not_make_causes_no_fetch(
    client: FlaskClient, wechat: MockWeChat, changed: dict[str, Any]
) -> None:
    answer = report(client, signed(client), **changed)
    assert wechat.verify(answer.get_json(), changed.get("url", PAGE)) == {"valid": True}
    assert fetches(wechat) == (1, 1)


def test_a_fragment_changes_nothing(client: FlaskClient, wechat: MockWeChat) -> None:
    report(client, signed(client), url=f"{PAGE}#part")
    assert fetches(wechat) == (1, 2)


def test_repeated_reports_cause_three_fetches_and_one_more_in_20_s(
    client: FlaskClient, wechat: MockWeChat, clock: FakeClock, services: Services
) -> None:
    for _ in range(50):
        assert wechat.verify(report(client, signed(client)).get_json(), PAGE) == {"valid": True}
    assert fetches(wechat) == (1, 1 + 3)
    clock.advance(20)
    for _ in range(50):
        report(client, signed(client))
    assert fetches(wechat) == (1, 1 + 4)
    tickets = services.for_account(services.accounts.find("default")).jsapi_ticket
    assert tickets
    assert tickets.fetches_left() == 3  # callers with a key have a budget of their own


def test_while_wechat_fails_the_ticket_that_is_there_signs_on(client: FlaskClient, wechat: MockWeChat) -> None:
    config = signed(client)
    wechat.fail(GETTICKET, -1, times=None)
    answer = report(client, config)
    assert answer.status_code == 200
    assert wechat.verify(answer.get_json(), PAGE) == {"valid": True}


def test_without_any_ticket_the_first_one_is_fetched_once(client: FlaskClient, wechat: MockWeChat) -> None:
    told = {"url": PAGE, "timestamp": 1, "nonceStr": "n", "signature": "s"}
    assert client.post(PATH, data=json.dumps(told)).status_code == 200
    assert fetches(wechat) == (1, 1)


def test_foreign_pages_and_accounts_get_nothing_and_cost_nothing(client: FlaskClient, wechat: MockWeChat) -> None:
    config = signed(client)
    problem(report(client, config, url="https://evil.example.com/"), 403, "url-not-allowed")
    problem(report(client, config, account="mini"), 403, "url-not-allowed")
    problem(report(client, config, account="unknown"), 404, "account-unknown")
    assert report(client, config, account="default").status_code == 200
    assert fetches(wechat) == (1, 2)


def test_only_pages_of_the_js_domains_may_report(client: FlaskClient) -> None:
    ours, theirs = {"Origin": "https://h5.example.com"}, {"Origin": "https://evil.com"}
    preflight = client.options(PATH, headers=ours)
    assert preflight.status_code == 204
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    answer = client.post(PATH, data="{}", headers=ours)
    assert answer.headers["Access-Control-Allow-Origin"] == "https://h5.example.com"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Access-Control-Allow-Origin" not in client.post(PATH, data="{}", headers=theirs).headers
