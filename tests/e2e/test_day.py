"""A day in a minute: server and WeChat in one process, on one clock, through 24 hours of expiries.

The calls that WeChat gets are counted, and the right numbers are worked out here by hand, from WECHAT.md 1.1, 1.2 and 2
and the rules of lives that were made from them. Seconds are those since the day began.
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
from mock_wechat import Call, intercept
from mock_wechat.in_process import InProcess
from tests.doubles import FakeClock

OFFICIAL = "wx0000000000000001"
MINI = "wx0000000000000002"
TICKET = "/cgi-bin/ticket/getticket"
STABLE = "/cgi-bin/stable_token"
CLASSIC = "/cgi-bin/token"
CHECK = "/wxa/msg_sec_check"
BUSINESS = "/cgi-bin/get_api_domain_ip"
PAGE = "http://127.0.0.1:8000/?a=1"
KEY = "one-day-key-of-enough-characters"

MIDNIGHT = 1_790_006_400.0
"""2026-09-22 00:00 in Shanghai, where WeChat's quotas begin anew"""
DAY = 86_400
NOON = DAY // 2
STEP = 5
"""Seconds; this often each refresher looks, on average."""

Events = Mapping[int, Callable[[], object]]


class Even(Random):
    """Chance that always takes the middle: a wait of 5 s, give or take a fifth, is one of 5 s."""

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@dataclass(frozen=True)
class Mode:
    """How tokens are fetched, and how long after one fetch the next is due."""

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


class Town:
    """WeChat, one server with its refresher, and those who call the server."""

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

    def live(self, events: Events) -> None:
        """One day. What callers get is right each time, or this fails."""
        for now in range(0, DAY, STEP):
            self.clock.now = max(self.clock.now, MIDNIGHT + now)
            if now in events:
                events[now]()
            self.refresher.look()
            if now % 10 == 0:
                self.sign()
            if now % 30 == 0:
                self.work_with_the_token()
            if now % 60 == 0:
                self.check_a_text()

    def ask(self, method: str, path: str, **given: Any) -> Any:
        """What the server answers, which is never an error."""
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
        """Seconds since the day began."""
        return self.clock() - MIDNIGHT

    def calls(self, path: str, appid: str) -> list[Call]:
        """What WeChat was asked for this account."""
        return [call for call in self.mock.calls(path) if call.appid == appid]

    def times(self, path: str, appid: str) -> list[float]:
        """When it was asked."""
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
    """A ticket of unknown age, met at 0 and told 7200: it may end at any time, so it is looked after every 300 s.

    60 s before what would be its end there is one look more, so that nobody has to wait there. From then on every 15 s,
    for a ticket that is still handed out so late is alive, but nobody knows how long. At 7200 WeChat has another one.
    1 + 23 + 4 = 28 calls.
    """
    return [0, *range(300, 6901, 300), 7140, 7155, 7170, 7185]


def later_ticket_asked(born: int) -> list[int]:
    """A ticket that was seen to begin, at most 15 s ago: to be safe, right then. So its end is 15 s too early for us.

    From 600 s before that end every 120 s, once more 60 s before, then every 15 s until WeChat has another one, 15 s
    after that end. 1 + 5 + 5 = 11 calls.
    """
    end = born - 15 + 7200
    return [born, *range(end - 600, end - 119, 120), *range(end - 60, end + 1, 15)]


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_a_day_without_failures_takes_no_call_too_many(mock: InProcess, clock: FakeClock, mode: Mode) -> None:
    """
    Tokens: the first at 0, then one every 6905 s (stable: 12 * 6905 = 82,860 is the last in the day: 13 calls) or every
    6600 s (classic: 13 * 6600 = 85,800: 14 calls), the same for both accounts.
    Tickets: one lives 7200 s, so 12 begin in a day: 28 + 11 * 11 = 149 calls, 12 of them bring another ticket.
    """
    town = Town(mock, clock, mode.name)
    town.live({})
    for appid in (OFFICIAL, MINI):
        assert town.times(mode.endpoint, appid) == list(range(0, DAY, mode.period))
    later = [time for born in range(7200, DAY, 7200) for time in later_ticket_asked(born)]
    assert town.times(TICKET, OFFICIAL) == first_ticket_asked() + later
    assert len(mock.calls(mode.endpoint)) == 2 * {"stable": 13, "classic": 14}[mode.name]
    assert len(mock.calls(TICKET)) == 149
    assert len({call.issued for call in mock.calls(TICKET)}) == 12
    assert {call.token_state for call in mock.calls()} <= {None, "current", "overlap"}


def bad_day(town: Town, mode: Mode) -> Events:
    """What goes wrong, and when. Nothing of it may reach a caller."""
    mock, third_of_afternoon = town.mock, NOON + 2 * mode.period

    def each_third_fails() -> None:
        for appid in (OFFICIAL, MINI):
            mock.fail(mode.endpoint, -1, times=None, every=3, appid=appid)

    def another_server_fetches() -> None:
        for appid in (OFFICIAL, MINI):
            mock.revoke(appid, mode.credential)

    def outage() -> None:
        for path in (STABLE, CLASSIC, TICKET):
            mock.fail(path, times=None, status=503)

    def quota_is_said_to_be_used_up() -> None:
        for appid in (OFFICIAL, MINI):
            mock.fail(mode.endpoint, 45009, appid=appid)

    def all_well() -> None:
        requests.delete(f"{mock.url}/_mock/faults", timeout=5).raise_for_status()

    return {
        0: each_third_fails,
        37_800: all_well,
        NOON: another_server_fetches,
        third_of_afternoon - 10: outage,
        third_of_afternoon + 230: all_well,
        66_600: quota_is_said_to_be_used_up,
        75_600: lambda: mock.clock.advance(90),
    }


AFTERNOON = {"stable": "++------++-+++", "classic": "++------++-++"}
"""Each attempt at a token from noon on: did it bring one?

12:00    +       The revoked one is replaced as soon as somebody meets it; the afternoon's periods count from here.
         +       One period later. The third attempt (stable: 57,010; classic: 56,400) meets the outage, which began
                 10 s before and lasts 240 s.
         ------  At 0, 5, 20, 80, 140 and 200 s: waits of 5, 15, then 60 s. At 260 s WeChat is back; of the token,
         +       35 s (stable) or 340 s (classic) were left.
         +       One period later, at 64,175 or 63,260.
18:30    -       The next fetch, at 71,080 or 69,860, is answered 45009: that holds the endpoint for 60 s.
         +       Stable: the probe at 71,140. Classic has no such attempt: at once it took a stable token instead,
                 which is replaced after 6905 s, at 76,765, by a classic one.
         ++      Stable: 78,045 and 84,950. Classic: 76,765 and 83,365.
"""
TICKET_ROUNDS = {"stable": (147, 4), "classic": (148, 0)}
"""Attempts at a ticket that did and did not succeed.

Up to 72,000 it is the day without failures: 28 calls for the first ticket, 11 for each of the nine after it.
That of 72,000 ends 90 s early by our clock, for WeChat's was put on at 75,600: at 79,110, where we expected 79,185.
The looks at 78,585, 78,705, 78,825, 78,945 and 79,065 find it, that at 79,125 finds another one: 1 + 5.
This one may be 60 s older than it is, so its end for us, 79,065 + 7200 = 86,265, is 60 s too early: looks at 85,665
to 86,145 (5) and from 86,205 every 15 s to 86,310 (8), then at 86,325 another one: 1 + 13. That one has no look: 1.
28 + 9 * 11 + 6 + 14 + 1 = 148, of which 13 bring another ticket.
In stable mode the outage meets the looks due from 57,105: four attempts fail (0, 5, 20 and 80 s later) before that at
57,245, then 57,365 and 57,485 follow: three where there would have been four (57,105, 57,225, 57,345 and 57,465).
"""


@pytest.mark.parametrize("mode", MODES.values(), ids=MODES)
def test_a_day_with_failures_fails_no_caller_and_tries_no_more_than_it_should(
    mock: InProcess, clock: FakeClock, mode: Mode
) -> None:
    """
    Until 10:30 each third token call fails: the six tokens from 0 to 34,525 (classic: 33,000) take 8 calls, 2 of them
    in vain; the seventh, an hour and more later, meets no fault. Then see AFTERNOON and TICKET_ROUNDS.
    """
    town = Town(mock, clock, mode.name)
    town.live(bad_day(town, mode))
    for appid in (OFFICIAL, MINI):
        calls = town.calls(mode.endpoint, appid)
        morning = [call.errcode for call in calls if call.at < MIDNIGHT + NOON]
        assert (len(morning), morning.count(-1)) == (9, 2)
        afternoon = rounds([call for call in calls if call.at >= MIDNIGHT + NOON])
        assert "".join("+" if brought else "-" for brought in afternoon) == AFTERNOON[mode.name]
    assert len(mock.calls(STABLE if mode.endpoint == CLASSIC else CLASSIC)) == {"stable": 0, "classic": 2}[mode.name]
    tickets = rounds(mock.calls(TICKET))
    assert (tickets.count(True), tickets.count(False)) == TICKET_ROUNDS[mode.name]
    assert len({call.issued for call in mock.calls(TICKET) if call.issued}) == 13
    refused = [call for call in mock.calls() if call.token_state not in (None, "current", "overlap")]
    assert [(call.at - MIDNIGHT, call.path, call.appid) for call in refused] == [
        (NOON, TICKET, OFFICIAL),
        (NOON, CHECK, MINI),
    ]
