"""Server and WeChat in one process on one fake clock: hours pass at once. They meet on the wire all the same."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from flask.testing import FlaskClient

from app import create_app
from app.services import build_services
from app.settings import load_settings
from mock_wechat import MockWeChat
from tests.doubles import FakeClock

STABLE = "/cgi-bin/stable_token"
CLASSIC = "/cgi-bin/token"
TICKET = "/cgi-bin/ticket/getticket"
CHECK = "/wxa/msg_sec_check"
PAGE = "http://127.0.0.1:8000/?a=1"
KEY = "one-clock-key-of-enough-characters"

Answer = Any


class House:
    """A mock WeChat, and server processes (as apps with services of their own) that share a store and its clock."""

    def __init__(self, mock: MockWeChat, clock: FakeClock, store_url: str, **settings: str) -> None:
        self.mock = mock
        self.clock = clock
        self.environment = {
            **mock.environment,
            "WECHAT_STORE_URL": store_url,
            "WECHAT_JS_DOMAINS": "127.0.0.1:8000",
            "WECHAT_API_KEYS": f"e2e:token+ticket+moderation+ops={KEY}",
            **settings,
        }
        self.client = self.process()

    def process(self, **settings: str) -> FlaskClient:
        read = load_settings({**self.environment, **settings})
        services = build_services(read, clock=self.clock, sleep=self.clock.sleep, spawn=lambda work: work())
        return create_app(read, services=services).test_client()

    def sign(self, client: FlaskClient | None = None) -> Answer:
        return (client or self.client).get("/api/jssdk/signature", query_string={"url": PAGE})

    def token(self, client: FlaskClient | None = None) -> Answer:
        return (client or self.client).get("/api/access_token", headers={"Authorization": f"Bearer {KEY}"})

    def check(self, content: str = "hello") -> Answer:
        return self.client.post(
            "/api/moderation/text", json={"content": content}, headers={"Authorization": f"Bearer {KEY}"}
        )

    def is_valid(self, answer: Answer) -> bool:
        assert answer.status_code == 200, answer.get_data(as_text=True)
        fields = {name: answer.json[name] for name in ("timestamp", "nonceStr", "signature", "url")}
        asked = {"appid": answer.json["appId"], **fields}
        return bool(requests.get(f"{self.mock.url}/_mock/verify", asked, timeout=10).json()["valid"])


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def mock(clock: FakeClock) -> Iterator[MockWeChat]:
    with MockWeChat(clock=clock) as mock:
        yield mock


@pytest.fixture
def house(mock: MockWeChat, clock: FakeClock) -> House:
    return House(mock, clock, "memory://")


@pytest.fixture
def classic(mock: MockWeChat, clock: FakeClock) -> House:
    return House(mock, clock, "memory://", WECHAT_TOKEN_MODE="classic")


# -- expiry


@pytest.mark.parametrize("asks_every", [31, 240, 1500])
def test_a_caller_who_trusts_expires_in_uses_no_dead_token(classic: House, mock: MockWeChat, asks_every: int) -> None:
    began, value, good_until = classic.clock(), "", 0.0
    while classic.clock() < began + 3 * 7200:
        if classic.clock() >= good_until:
            answer = classic.token().json
            value, good_until = answer["access_token"], classic.clock() + answer["expires_in"]
            assert answer["expires_in"] >= 30
        used = requests.get(f"{mock.url}{TICKET}", {"access_token": value, "type": "jsapi"}, timeout=10).json()
        assert used["errcode"] == 0, classic.clock() - began
        classic.clock.advance(asks_every)
    mock.assert_no_dead_token_used()
    assert len(mock.calls(CLASSIC)) <= 4  # a life is 6600 s to 7200 s, and up to 1500 s no caller asks


def test_signatures_stay_valid_with_a_ticket_of_unknown_age(house: House, mock: MockWeChat) -> None:
    house.sign()
    house.clock.advance(5000)
    forgetful = House(mock, house.clock, "memory://")  # meets a ticket that is 5000 s old and is told 7200
    began = house.clock()
    while house.clock() < began + 3 * 7200:
        assert forgetful.is_valid(forgetful.sign())
        house.clock.advance(97)


# -- refusals


def test_always_40001_for_a_thousand_calls_in_a_minute(house: House, mock: MockWeChat) -> None:
    mock.fail(CHECK, 40001, times=None)
    began = house.clock()
    for call in range(1000):
        house.clock.now = began + call * 0.06
        answer: Answer = house.check()
        assert answer.status_code == 502
        assert answer.json["errcode"] == 40001
        assert "another server" in answer.json["hint"]["en"]
    assert len(mock.calls(STABLE)) <= 6


# -- everything that WeChat can do wrong

FAULTS: dict[str, dict[str, Any]] = {
    "-1": {"errcode": -1},
    "502 html": {"status": 502},
    "html": {"status": 200, "body": "<html>busy</html>", "content_type": "text/html"},
    "cut": {"truncate": True},
    "a byte a second": {"drip_seconds": 1},
    "silence": {"delay_seconds": 5},
    "hangs up": {"drop": "before"},
    "40164": {"errcode": 40164},
    "40001": {"errcode": 40001},
    "45009": {"errcode": 45009},
    "45011": {"errcode": 45011},
    "50007": {"errcode": 50007, "errmsg": "account frozen"},
    "47001": {"errcode": 47001},
}


def impatience(fault: str) -> dict[str, str]:
    """Settings for a process whose every call takes too long anyway. The others have all the time they need."""
    never_ends = fault in ("a byte a second", "silence")
    return {"WECHAT_READ_TIMEOUT_SECONDS": "0.5", "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "1"} if never_ends else {}


@pytest.mark.parametrize("fault", FAULTS)
def test_with_a_valid_credential_nobody_fails(mock: MockWeChat, clock: FakeClock, tmp_path: Path, fault: str) -> None:
    """Both credentials are STALE: each call looks ahead, and whatever WeChat does there, callers are served."""
    house = House(mock, clock, f"sqlite:///{tmp_path}/c.db")
    signed, value = house.sign(), house.token().json["access_token"]
    effects = FAULTS[fault]
    mock.fail(STABLE, times=None, **effects)
    mock.fail(TICKET, times=None, **effects)
    house.clock.advance(7000)
    client = house.process(**impatience(fault))
    for _ in range(3):
        assert house.is_valid(house.sign(client))
        assert house.token(client).json["access_token"] == value
        house.clock.advance(40)
    assert signed.json["signature"]
    assert len(mock.calls(STABLE)) > 1


# -- what a person mends
