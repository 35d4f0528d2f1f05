"""Server and WeChat in one process on one fake clock: hours pass at once. They meet on the wire all the same."""

import logging
import threading
from collections.abc import Callable, Iterator
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

OFFICIAL = "wx0000000000000001"
MINI = "wx0000000000000002"
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

    def process(
        self, spawn: Callable[[Callable[[], None]], None] = lambda work: work(), /, **settings: str
    ) -> FlaskClient:
        read = load_settings({**self.environment, **settings})
        services = build_services(read, clock=self.clock, sleep=self.clock.sleep, spawn=spawn)
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

    def secrets(self) -> list[str]:
        """Every value that nobody may see, as the mock knows them."""
        state = requests.get(f"{self.mock.url}/_mock/state", timeout=10).json()
        values = [credential["value"] for account in state["accounts"] for credential in account["credentials"]]
        return [*values, "mock-official-secret", "mock-mini-secret", KEY]


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


@pytest.mark.parametrize("mode", ["stable", "classic"])
def test_after_expiry_the_next_signature_is_valid_with_one_refetch_each(
    mock: MockWeChat, clock: FakeClock, mode: str
) -> None:
    house = House(mock, clock, "memory://", WECHAT_TOKEN_MODE=mode)
    assert house.is_valid(house.sign())
    clock.advance(7200 + 3600)
    assert house.is_valid(house.sign())
    assert len(mock.calls(STABLE if mode == "stable" else CLASSIC)) == 2
    assert len(mock.calls(TICKET)) == 2
    mock.assert_no_dead_token_used()


def test_after_expiry_the_next_check_succeeds_with_one_refetch(house: House, mock: MockWeChat) -> None:
    assert house.check().json["suggest"] == "pass"
    house.clock.advance(7200)
    assert house.check().json["suggest"] == "pass"
    assert len(mock.calls(STABLE)) == 2
    mock.assert_no_dead_token_used()


@pytest.mark.parametrize("asks_every", [31, 240, 1500])
def test_a_caller_who_trusts_expires_in_uses_no_dead_token_for_a_day(
    classic: House, mock: MockWeChat, asks_every: int
) -> None:
    began, value, good_until = classic.clock(), "", 0.0
    while classic.clock() < began + 86_400:
        if classic.clock() >= good_until:
            answer = classic.token().json
            value, good_until = answer["access_token"], classic.clock() + answer["expires_in"]
            assert answer["expires_in"] >= 30
        used = requests.get(f"{mock.url}{TICKET}", {"access_token": value, "type": "jsapi"}, timeout=10).json()
        assert used["errcode"] == 0, classic.clock() - began
        classic.clock.advance(asks_every)
    mock.assert_no_dead_token_used()
    assert 12 <= len(mock.calls(CLASSIC)) <= 14  # a life is 6600 s to 7200 s, and up to 1500 s nobody asks


def test_signatures_stay_valid_for_a_day_with_a_ticket_of_unknown_age(house: House, mock: MockWeChat) -> None:
    house.sign()
    house.clock.advance(5000)
    forgetful = House(mock, house.clock, "memory://")  # meets a ticket that is 5000 s old and is told 7200
    began = house.clock()
    while house.clock() < began + 86_400:
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


def test_a_rejected_token_is_replaced_and_a_forgotten_one_is_not(classic: House, mock: MockWeChat) -> None:
    headers = {"Authorization": f"Bearer {KEY}"}
    first = classic.token().json["access_token"]
    answers = [
        classic.client.post("/api/access_token/refresh", json={"rejected": first}, headers=headers) for _ in range(2)
    ]
    second, third = ((answer.json or {})["access_token"] for answer in answers)
    assert first != second == third
    assert len(mock.calls(CLASSIC)) == 2


# -- everything that WeChat can do wrong

FAULTS: dict[str, tuple[dict[str, Any], int, int | None]] = {
    "-1": ({"errcode": -1}, 503, -1),
    "502 html": ({"status": 502}, 503, None),
    "html": ({"status": 200, "body": "<html>busy</html>", "content_type": "text/html"}, 503, None),
    "cut": ({"truncate": True}, 503, None),
    "a byte a second": ({"drip_seconds": 1}, 503, None),
    "silence": ({"delay_seconds": 5}, 503, None),
    "hangs up": ({"drop": "before"}, 503, None),
    "answers to nobody": ({"drop": "after"}, 503, None),
    "40164": ({"errcode": 40164}, 503, 40164),
    "89503": ({"errcode": 89503}, 503, 89503),
    "40125": ({"errcode": 40125}, 503, 40125),
    "40013": ({"errcode": 40013}, 503, 40013),
    "40001": ({"errcode": 40001}, 503, 40001),
    "45009": ({"errcode": 45009}, 503, 45009),
    "45011": ({"errcode": 45011}, 429, 45011),
    "50007": ({"errcode": 50007, "errmsg": "account frozen"}, 503, 50007),
    "47001": ({"errcode": 47001}, 502, 47001),
}
NEEDS_A_PERSON = {"40164", "89503", "40125", "40013", "40001", "45009", "50007"}


def impatience(fault: str) -> dict[str, str]:
    """Settings for a process whose every call takes too long anyway. The others have all the time they need."""
    never_ends = fault in ("a byte a second", "silence")
    return {"WECHAT_READ_TIMEOUT_SECONDS": "0.5", "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "1"} if never_ends else {}


@pytest.mark.parametrize("fault", FAULTS)
def test_without_a_credential_the_caller_is_told_what_is_wrong(
    house: House, mock: MockWeChat, fault: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    effects, status, errcode = FAULTS[fault]
    mock.fail(STABLE, times=None, **effects)
    client = house.process(**impatience(fault))
    for answer in (house.token(client), house.sign(client), house.token(client)):
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        assert answer.json.get("errcode") == errcode
        if errcode is not None:
            assert answer.json["errmsg"]
            assert answer.json["rid"].count("-") == 2
        if status in (429, 503):
            assert int(answer.headers["Retry-After"]) >= 1
        if fault in NEEDS_A_PERSON:
            assert answer.json["hint"]["en"]
            assert answer.json["hint"]["zh"]
        for secret in house.secrets():
            assert secret not in answer.get_data(as_text=True)
            assert secret not in caplog.text


@pytest.mark.parametrize("fault", FAULTS)
def test_with_a_valid_credential_nobody_fails(mock: MockWeChat, clock: FakeClock, tmp_path: Path, fault: str) -> None:
    """Both credentials are STALE: each call looks ahead, and whatever WeChat does there, callers are served."""
    house = House(mock, clock, f"sqlite:///{tmp_path}/c.db")
    signed, value = house.sign(), house.token().json["access_token"]
    effects, _, _ = FAULTS[fault]
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


def test_with_a_valid_credential_nobody_waits_while_wechat_hangs(house: House, mock: MockWeChat) -> None:
    """The look ahead runs in a thread of its own, which hangs until this test lets go."""
    let_go = threading.Event()
    hanging: list[threading.Thread] = []

    def spawn(work: Callable[[], None]) -> None:
        def hang_then_work() -> None:
            let_go.wait(30)
            work()

        hanging.append(threading.Thread(target=hang_then_work))
        hanging[-1].start()

    client = house.process(spawn)
    value = house.token(client).json["access_token"]
    house.clock.advance(7000)
    answers = [house.token(client).json["access_token"] for _ in range(50)]
    assert answers == [value] * 50
    assert len(hanging) == 1
    let_go.set()
    hanging[0].join(30)
    assert house.token(client).json["access_token"] != value
    assert len(mock.calls(STABLE)) == 2


# -- what a person mends


def test_an_allowed_ip_works_after_its_hold_without_a_restart(house: House, mock: MockWeChat) -> None:
    mock.add_account(OFFICIAL, "mock-official-secret", confirm_ip=True)
    assert house.token().json["errcode"] == 89503
    mock.confirm(OFFICIAL, "127.0.0.1", "allow")
    assert house.token().json["errcode"] == 89503  # still held: WeChat is left alone
    assert len(mock.calls(STABLE)) == 1
    house.clock.advance(61)
    assert house.token().status_code == 200


def test_an_ip_added_to_the_whitelist_works_after_its_hold(house: House, mock: MockWeChat) -> None:
    mock.add_account(OFFICIAL, "mock-official-secret", ip_whitelist=["10.1.2.3"])
    told = house.token().json
    assert (told["errcode"], "127.0.0.1" in told["errmsg"]) == (40164, True)
    mock.add_account(OFFICIAL, "mock-official-secret", ip_whitelist=["127.0.0.1"])
    house.clock.advance(61)
    assert house.token().status_code == 200


def test_a_changed_secret_works_at_once(mock: MockWeChat, clock: FakeClock, tmp_path: Any) -> None:
    house = House(mock, clock, f"sqlite:///{tmp_path}/c.db", WECHAT_SECRET="mock-the-old-secret")
    assert house.token().json["errcode"] in (40125, 40001)
    assert house.token(house.process(WECHAT_SECRET="mock-official-secret")).status_code == 200


def test_account_in_cooldown_is_shown_as_degraded_with_what_to_do(house: House, mock: MockWeChat) -> None:
    mock.fail(STABLE, 40125, times=None)
    house.token()
    assert house.client.get("/readyz").json == {"status": "degraded"}
    shown: Answer = house.client.get("/readyz", headers={"Authorization": f"Bearer {KEY}"}).json
    [cooldown] = shown["accounts"][0]["cooldowns"]
    assert (cooldown["endpoint"], cooldown["errcode"]) == (STABLE, 40125)
    assert "AppSecret" in cooldown["hint"]["en"]
