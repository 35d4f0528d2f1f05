"""Diagnosis of signatures: it names the mistake, and tells nothing else."""

import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.services import Services
from mock_wechat import MockWeChat
from tests.app.jssdk.mistakes import NONCESTR
from tests.app.web.conftest import KEYS, problem, sha1
from tests.doubles import START

PATH = "/api/jssdk/diagnose"
KEY = "diagnose-diagnose-diagnose"
ONE_ACCOUNT_KEY = "diagnose-one-account-only"
OTHER_APPID = "wx00000000000000aa"
PAGE = "https://h5.example.com/a?b=1"
TIMESTAMP = int(START)


@pytest.fixture
def environment(environment: dict[str, str], wechat: MockWeChat, tmp_path: Path) -> dict[str, str]:
    """Another official account beside `default`, a key for both, a key for `default` alone."""
    wechat.add_account(OTHER_APPID, "mock-other-secret", "official")
    table = tmp_path / "accounts.toml"
    table.write_text(
        f'[accounts.other]\nappid = "{OTHER_APPID}"\nsecret = "mock-other-secret"\njs_domains = ["other.example.com"]\n'
        f'[keys.developer]\nkey = "{KEY}"\nscopes = ["diagnose"]\n'
        f'[keys.one]\nkey = "{ONE_ACCOUNT_KEY}"\nscopes = ["diagnose"]\naccounts = ["default"]\n'
    )
    return environment | {"WECHAT_CONFIG": str(table)}


@pytest.fixture
def ticket(services: Services) -> str:
    """The current jsapi_ticket."""
    tickets = services.for_account(services.accounts.find("default")).jsapi_ticket
    assert tickets
    return tickets.get().value


def signed(ticket: str, url: str = PAGE, timestamp: int = TIMESTAMP) -> str:
    return sha1(f"jsapi_ticket={ticket}&noncestr={NONCESTR}&timestamp={timestamp}&url={url}")


def question(signature: str, **more: Any) -> dict[str, Any]:
    return {"url": PAGE, "timestamp": TIMESTAMP, "nonceStr": NONCESTR, "signature": signature, **more}


def ask(client: FlaskClient, document: Any, key: str = KEY, query: str = "") -> TestResponse:
    headers = {"Authorization": f"Bearer {key}"}
    return client.post(PATH + query, data=json.dumps(document), headers=headers)


def diagnosis(response: TestResponse) -> dict[str, Any]:
    assert response.status_code == 200, response.get_data(as_text=True)
    document: dict[str, Any] = json.loads(response.get_data())
    return document


def test_mistake_is_named(client: FlaskClient, ticket: str) -> None:
    asked = question(signed(ticket, "https://h5.example.com/landing"), landing_url="https://h5.example.com/landing")
    assert diagnosis(ask(client, asked))["mistakes"] == ["landing_url"]


def test_answer_of_the_signature_endpoint_is_valid(client: FlaskClient) -> None:
    config = client.get("/api/jssdk/signature?url=https%3A%2F%2Fh5.example.com%2Fa").json
    assert diagnosis(ask(client, config)) == {
        "account": "default",
        "valid": True,
        "listed": True,
        "mistakes": [],
        "untried": [],
        "hint": {
            "en": "The signature is right for this URL and the current ticket.",
            "zh": "对这个 URL 和当前的 ticket，签名正确。",
        },
    }


def test_page_outside_the_js_domains_is_reported(client: FlaskClient, ticket: str) -> None:
    elsewhere = "https://elsewhere.example.com/"
    answer = diagnosis(ask(client, question(signed(ticket, elsewhere), url=elsewhere)))
    assert (answer["valid"], answer["listed"], answer["mistakes"]) == (False, False, [])
    assert "JS domains" in answer["hint"]["en"]


def test_untried_mistakes_are_listed(client: FlaskClient) -> None:
    assert diagnosis(ask(client, question("0" * 40)))["untried"] == ["landing_url", "wx_card_ticket"]
    more = {"landing_url": PAGE, "wx_card_ticket": "x"}
    assert diagnosis(ask(client, question("0" * 40, **more)))["untried"] == []


def test_signature_older_than_the_ticket_is_reported(client: FlaskClient) -> None:
    answer = diagnosis(ask(client, question(signed("older", timestamp=TIMESTAMP - 1), timestamp=TIMESTAMP - 1)))
    assert "older than the current ticket" in answer["hint"]["en"]
    answer = diagnosis(ask(client, question(signed("older"))))
    assert "No known mistake" in answer["hint"]["en"]


# Several accounts -----------------------------------------------------------------------------------------------------


def other_ticket(services: Services) -> str:
    tickets = services.for_account(services.accounts.find("other")).jsapi_ticket
    assert tickets
    return tickets.get().value


def test_the_ticket_of_another_account_is_recognised(client: FlaskClient, services: Services) -> None:
    asked = question(signed(other_ticket(services)))
    assert diagnosis(ask(client, asked))["mistakes"] == ["other_account"]
    right = diagnosis(ask(client, asked | {"account": "other"}))
    assert (right["account"], right["mistakes"], right["valid"]) == ("other", [], False)


def test_accounts_that_the_key_may_not_use_play_no_part(client: FlaskClient, services: Services) -> None:
    asked = question(signed(other_ticket(services)))
    assert diagnosis(ask(client, asked, ONE_ACCOUNT_KEY))["mistakes"] == []
    problem(ask(client, asked, ONE_ACCOUNT_KEY, "?account=other"), 403, "key-not-allowed")


def test_no_ticket_of_another_account_is_fetched_for_it(client: FlaskClient, wechat: MockWeChat) -> None:
    diagnosis(ask(client, question("0" * 40)))
    assert len(wechat.calls("/cgi-bin/ticket/getticket")) == 1


def test_the_app_id_of_wx_config_says_whose_it_is(client: FlaskClient) -> None:
    assert diagnosis(ask(client, question("0" * 40, appId=OTHER_APPID)))["account"] == "other"
    problem(ask(client, question("0" * 40, appId="wx9")), 404, "account-unknown")


def test_the_account_is_the_one_that_has_the_page(client: FlaskClient) -> None:
    assert diagnosis(ask(client, question("0" * 40, url="https://other.example.com/")))["account"] == "other"
    assert diagnosis(ask(client, question("0" * 40, url="no URL at all")))["account"] == "default"


# What it keeps to itself, and what it refuses -------------------------------------------------------------------------


def test_nothing_secret_is_answered_or_logged(
    client: FlaskClient, ticket: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    for signature in (signed(ticket), signed(ticket, f"{PAGE}#a"), "0" * 40):
        asked = question(signature, url=f"{PAGE}#a", wx_card_ticket="the-card-ticket")
        text = ask(client, asked).get_data(as_text=True)
        for secret in (ticket, "jsapi_ticket=", signed(ticket), "the-card-ticket", NONCESTR):
            assert secret not in text
            assert secret not in caplog.text
        assert not re.search(r"[0-9a-f]{40}", text)


def test_a_key_needs_the_scope(client: FlaskClient) -> None:
    problem(client.post(PATH, data="{}"), 401, "key-required")
    problem(ask(client, {}, KEYS["reader"]), 403, "key-not-allowed")


@pytest.mark.parametrize(
    ("change", "detail"),
    [
        ({"url": "x" * 2049}, "at most 2048 characters"),
        ({"landing_url": "x" * 2049}, "landing_url may have at most"),
        ({"timestamp": "1414587457"}, "timestamp must be a whole number"),
        ({"timestamp": -1}, "timestamp must be at least 0"),
        ({"timestamp": 10**30}, "timestamp must be less"),
        ({"signature": "d41d8cd98f00b204e9800998ecf8427e"}, "40 hexadecimal digits"),
        ({"ticket": "x"}, "'ticket' is unknown"),
        ({"account": "mini"}, "mini program"),
    ],
)
def test_wrong_parameter_is_refused_by_name(client: FlaskClient, change: dict[str, Any], detail: str) -> None:
    document = problem(ask(client, question("0" * 40) | change), 400, "parameter-wrong")
    assert detail in document["detail"]


def test_a_page_elsewhere_cannot_use_a_key_here(client: FlaskClient) -> None:
    preflight = {"Origin": "https://h5.example.com", "Access-Control-Request-Headers": "authorization"}
    response = client.options(PATH, headers=preflight)
    assert response.status_code == 405
    assert "authorization" not in response.headers.get("Access-Control-Allow-Headers", "").lower()
