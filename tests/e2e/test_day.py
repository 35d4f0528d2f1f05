"""Server and WeChat in one process, on one clock, through two or three lifetimes of every credential.

WeChat's calls are counted; the right numbers are worked out by hand, from WECHAT.md 1.1, 1.2 and 2 and the rules for
lifetimes that follow from them. Seconds are those since the simulation began.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import pytest
import requests

from app import create_app
from app.services import build_services
from app.settings import load_settings
from mock_wechat import MINI as MINI_ACCOUNT
from mock_wechat import OFFICIAL as OFFICIAL_ACCOUNT
from mock_wechat import Call, intercept
from mock_wechat.in_process import InProcess
from tests.doubles import FakeClock
from tests.e2e.uplink import CHECK, CLASSIC, STABLE, TICKET

OFFICIAL, MINI = OFFICIAL_ACCOUNT.appid, MINI_ACCOUNT.appid
BUSINESS = "/cgi-bin/get_api_domain_ip"
PAGE = "http://127.0.0.1:8000/?a=1"
KEY = "one-day-key-of-enough-characters"

MIDNIGHT = 1_790_006_400.0
"""2026-09-22 00:00 in Shanghai, where WeChat's quotas begin anew"""
LIFETIME = 7200
TWO_LIVES = 2 * LIFETIME + 300
THREE_LIVES = 3 * LIFETIME + 900
STEP = 5
"""seconds between two checks of the refresher, on average"""

Events = Mapping[int, Callable[[], object]]


class Even(Random):
    """Randomness that always takes the middle: a wait of 5 s, plus or minus half, is one of 5 s."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@dataclass(frozen=True)
class Mode:
    """How tokens are fetched, and the seconds from one fetch to the next."""

    name: str
    endpoint: str
    credential: str
    period: int


MODES = {
    # A stable token stays the same until 300 s before its end (WECHAT.md 1.2); it is asked for 295 s before.
    "stable": Mode("stable", STABLE, "stable_token", 7200 - 295),
    # A classic token has a successor whenever one is asked for (1.1): here for its last tenth, at most 600 s.
    "classic": Mode("classic", CLASSIC, "access_token", 7200 - 600),
}


class Simulation:
    """WeChat, one server with its refresher, and callers."""

    def __init__(self, mock: InProcess, clock: FakeClock, mode: str) -> None:
        self.mock = mock
        self.clock = clock
        settings = load_settings(
            {
                **mock.environment,
                "WECHAT_STORE_URL": "memory://",
                "WECHAT_JS_DOMAINS": "127.0.0.1:8000",
                "WECHAT_API_KEYS": f"day:token+moderation={KEY}",
                "WECHAT_VERDICT_CACHE_SECONDS": "0",  # each check asks WeChat
                "WECHAT_TOKEN_MODE": mode,
            }
        )
        services = build_services(settings, clock=clock, sleep=clock.sleep, spawn=lambda work: work(), random=Even())
        self.refresher = services.refresher()
        self.client = create_app(settings, services=services).test_client()

    def live(self, seconds: int, events: Events) -> None:
        """Let `seconds` pass, with callers whose answers are right each time."""
        for now in range(0, seconds, STEP):
            self.clock.now = max(self.clock.now, MIDNIGHT + now)
            if now in events:
                events[now]()
            self.refresher.check()
            if now % 30 == 0:
                self.sign()
            if now % 60 == 0:
                self.work_with_the_token()
                self.check_a_text()

    def ask(self, method: str, path: str, **given: Any) -> Any:
        """The server's answer, which is never an error."""
        answer = self.client.open(path, method=method, headers={"Authorization": f"Bearer {KEY}"}, **given)
        assert answer.status_code == 200, (self.now, answer.text)
        return answer.json

    def sign(self) -> None:
        """A page asks for a signature, and a phone accepts it."""
        config = self.ask("GET", "/api/jssdk/signature", query_string={"url": PAGE})
        assert self.mock.verify(config, PAGE) == {"valid": True}, self.now

    def work_with_the_token(self) -> None:
        """A business server takes the token and calls WeChat with it."""
        token = self.ask("GET", "/api/access_token")["access_token"]
        used = requests.get(self.mock.url + BUSINESS, {"access_token": token}, timeout=5)
        assert used.json().get("errcode", 0) == 0, (self.now, used.text)

    def check_a_text(self) -> None:
        """The backend of a mini program has a text checked."""
        verdict = self.ask("POST", "/api/moderation/text", json={"content": "hello"})
        assert verdict["suggest"] == "pass", self.now

    @property
    def now(self) -> float:
        """Seconds since the simulation began."""
        return self.clock() - MIDNIGHT

    def calls(self, path: str, appid: str) -> list[Call]:
        """WeChat's calls for this account."""
        return [call for call in self.mock.calls(path) if call.appid == appid]

    def times(self, path: str, appid: str) -> list[float]:
        """The times of these calls."""
        return [call.at - MIDNIGHT for call in self.calls(path, appid)]


def rounds(calls: list[Call]) -> list[bool]:
    """Whether each attempt succeeded. Calls within one step are one attempt: its last call decides."""
    return list({call.at // STEP: call.errcode in (None, 0) and call.status == 200 for call in calls}.values())


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MIDNIGHT)


@pytest.fixture
def mock(clock: FakeClock) -> Iterator[InProcess]:
    with intercept(clock=clock, sleep=clock.sleep, others="refuse", seed=1, log_size=100_000) as mock:
        yield mock


def first_ticket_asked() -> list[int]:
    """A ticket of unknown age, first fetched at 0 with 7200 s: it may end at any time, so it is checked every 300 s.

    60 s before its latest end there is one check more, so that no caller has to wait there. From then on every 15 s:
    a ticket that is still handed out so late is alive, for an unknown time. At 7200 WeChat has another one.
    1 + 23 + 4 = 28 calls.
    """
    return [0, *range(300, 6901, 300), 7140, 7155, 7170, 7185]


def later_ticket_asked(born: int) -> list[int]:
    """A ticket that began at most 15 s before it was seen: to be safe, 15 s before. So its end is taken 15 s too early.

    From 600 s before that end every 120 s, once more 60 s before, then every 15 s until WeChat has another one, 15 s
    after that end. 1 + 5 + 5 = 11 calls.
    """
    end = born - 15 + 7200
    return [born, *range(end - 600, end - 119, 120), *range(end - 60, end + 1, 15)]


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_two_lifetimes_without_failures_cost_no_needless_call(mock: InProcess, clock: FakeClock, mode: Mode) -> None:
    """Tokens: at 0, then every 6905 s (stable) or 6600 s (classic). Tickets: 28 + 11 calls, then another ticket."""
    simulation = Simulation(mock, clock, mode.name)
    simulation.live(TWO_LIVES, {})
    for appid in (OFFICIAL, MINI):
        assert simulation.times(mode.endpoint, appid) == list(range(0, TWO_LIVES, mode.period))
    later = [time for born in (LIFETIME, 2 * LIFETIME) for time in later_ticket_asked(born)]
    assert simulation.times(TICKET, OFFICIAL) == first_ticket_asked() + [time for time in later if time < TWO_LIVES]
    assert len(mock.calls(mode.endpoint)) == 2 * 3
    assert len(mock.calls(TICKET)) == 28 + 11 + 1
    assert len({call.issued for call in mock.calls(TICKET)}) == 3
    assert {call.token_state for call in mock.calls()} <= {None, "current", "overlap"}


def troubles(simulation: Simulation, mode: Mode) -> Events:
    """Failures and their times. None reaches a caller."""
    mock = simulation.mock

    def on_each_account(endpoint: str, errcode: int, **how: Any) -> None:
        for appid in (OFFICIAL, MINI):
            mock.fail(endpoint, errcode, appid=appid, **how)

    def another_server_fetches() -> None:
        for appid in (OFFICIAL, MINI):
            mock.revoke(appid, mode.credential)

    def outage() -> None:
        for path in (STABLE, CLASSIC, TICKET):
            mock.fail(path, times=None, status=503)

    def all_well() -> None:
        requests.delete(f"{mock.url}/_mock/faults", timeout=5).raise_for_status()

    return {
        5: lambda: on_each_account(mode.endpoint, -1),
        LIFETIME: another_server_fetches,
        LIFETIME + mode.period - 10: outage,
        LIFETIME + mode.period + 230: all_well,
        LIFETIME + mode.period + 300: lambda: on_each_account(mode.endpoint, 45009),
    }


ATTEMPTS = {"stable": "++" + "+" + "------+" + "-+", "classic": "++" + "+" + "------+" + "-"}
"""Each attempt at a token: did it bring one?

++       At 0, and one period later: that call is answered -1, and repeated at once.
+        At 7200: the revoked one is replaced when a call with it is refused.
------+  One period later the outage meets it, 10 s old and 240 s long: at 0, 5, 20, 80, 140 and 200 s; at 260 s WeChat
         is back, with 35 s (stable) or 340 s (classic) of the token left.
-        The next fetch is answered 45009, so the endpoint is in cooldown for 60 s.
+        Stable: the probe after the cooldown. Classic takes a stable token at once instead.
"""
TICKETS_IN_VAIN = {"stable": 5, "classic": 4}
"""Attempts at a ticket that the outage meets: 0, 5, 20, 80 (stable: and 140) s after one is due in it."""


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_failures_reach_no_caller_and_cost_no_needless_attempt(mock: InProcess, clock: FakeClock, mode: Mode) -> None:
    simulation = Simulation(mock, clock, mode.name)
    simulation.live(THREE_LIVES, troubles(simulation, mode))
    for appid in (OFFICIAL, MINI):
        attempts = rounds(simulation.calls(mode.endpoint, appid))
        assert "".join("+" if brought else "-" for brought in attempts) == ATTEMPTS[mode.name]
    assert len(mock.calls(STABLE if mode.endpoint == CLASSIC else CLASSIC)) == {"stable": 0, "classic": 2}[mode.name]
    assert rounds(mock.calls(TICKET)).count(False) == TICKETS_IN_VAIN[mode.name]
    assert len({call.issued for call in mock.calls(TICKET) if call.issued}) == 4
    refused = [call for call in mock.calls() if call.token_state not in (None, "current", "overlap")]
    assert [(call.at - MIDNIGHT, call.path, call.appid) for call in refused] == [
        (LIFETIME, TICKET, OFFICIAL),
        (LIFETIME, CHECK, MINI),
    ]


@pytest.mark.parametrize("asks_every", [31, 240, 1500])
def test_caller_that_trusts_expires_in_uses_no_dead_token(mock: InProcess, clock: FakeClock, asks_every: int) -> None:
    simulation, value, good_until = Simulation(mock, clock, "classic"), "", 0.0
    while simulation.now < 3 * LIFETIME:
        if clock() >= good_until:
            answer = simulation.ask("GET", "/api/access_token")
            value, good_until = answer["access_token"], clock() + answer["expires_in"]
            assert answer["expires_in"] >= 30
        used = requests.get(mock.url + TICKET, {"access_token": value, "type": "jsapi"}, timeout=5).json()
        assert used["errcode"] == 0, simulation.now
        clock.advance(asks_every)
    mock.assert_no_dead_token_used()
    assert len(mock.calls(CLASSIC)) <= 4  # a life is 6600 s to 7200 s, and up to 1500 s no caller asks


def test_signatures_stay_valid_with_a_ticket_of_unknown_age(mock: InProcess, clock: FakeClock) -> None:
    Simulation(mock, clock, "stable").sign()
    clock.advance(5000)
    simulation = Simulation(mock, clock, "stable")  # gets a ticket that is 5000 s old, with 7200 s
    while simulation.now < 5000 + 3 * LIFETIME:
        simulation.sign()
        clock.advance(97)
