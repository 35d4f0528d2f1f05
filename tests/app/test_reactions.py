"""From WeChat's answer to what the server does about it and what its caller is told.

The codes and their reactions are those of WECHAT.md 1.3 (calls for a token) and 7.1 (all other calls), how long a hold
lasts and what a caller gets those of the design. Each case is a real call through the doors to a mock WeChat.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

import pytest

from app import create_app
from app.accounts import Secret
from app.credential import Key
from app.exceptions import (
    AccessTokenRefused,
    AccountRefused,
    AddressRefused,
    CentralServerError,
    DayLimitReached,
    MinuteLimitReached,
    SecretRefused,
    WeChatBusy,
    WeChatError,
    WeChatRefused,
    WeChatUnavailable,
)
from app.holds import Holds, lift
from app.services import build_services
from app.settings import load_settings
from app.timing import Timing
from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.doubles import FakeClock

STABLE, CLASSIC, TICKET = "/cgi-bin/stable_token", "/cgi-bin/token", "/cgi-bin/ticket/getticket"
TEXT, IMAGE = "/wxa/msg_sec_check", "/wxa/img_sec_check"
API_KEY = "reactions-key-of-enough-characters"
HEADERS = {"Authorization": f"Bearer {API_KEY}"}
SHANGHAI_NOON = 1_790_006_400.0 - 12 * 3600

HoldKey = Literal["address", "secret", "account", "quota"]


@dataclass(frozen=True)
class Reaction:
    """What one answer leads to."""

    error: type[WeChatError]
    status: int
    """what the caller gets"""
    attempts: int = 1
    """calls that WeChat sees for one request of a caller"""
    hold: HoldKey | None = None
    """what the hold is bound to"""
    seconds: float = 0
    """how long the endpoint is left alone: the hold, or a token's or ticket's pause"""
    refetches: int = 0
    """access_tokens fetched on account of it"""


def held(error: type[WeChatError], key: HoldKey, seconds: float = 60) -> Reaction:
    return Reaction(error, 503, hold=key, seconds=seconds)


WRONG_SECRET = held(SecretRefused, "secret")
WRONG_ADDRESS = held(AddressRefused, "address")
BANNED = held(AccountRefused, "account")
DAY = held(DayLimitReached, "quota")
CREDENTIAL_BUSY = Reaction(WeChatBusy, 503, attempts=3, seconds=1)
CREDENTIAL_MINUTE = Reaction(MinuteLimitReached, 429, attempts=3, seconds=1)
OUR_BUG = Reaction(WeChatRefused, 502, seconds=1)

TOKEN_CALLS: dict[int, Reaction] = {
    -1: CREDENTIAL_BUSY,
    40001: WRONG_SECRET,
    40002: OUR_BUG,
    40013: WRONG_SECRET,
    40125: WRONG_SECRET,
    40164: WRONG_ADDRESS,
    40243: WRONG_SECRET,
    41002: OUR_BUG,
    41004: OUR_BUG,
    43002: OUR_BUG,
    45009: DAY,
    45011: CREDENTIAL_MINUTE,
    48001: CREDENTIAL_BUSY,
    50004: BANNED,
    50007: BANNED,
    61024: BANNED,
    89501: WRONG_ADDRESS,
    89502: WRONG_ADDRESS,
    89503: WRONG_ADDRESS,
    89504: WRONG_ADDRESS,
    89505: WRONG_ADDRESS,
    89506: held(AddressRefused, "address", 86_400),
    89507: held(AddressRefused, "address", 3600),
}

TOKEN_REFUSED = Reaction(AccessTokenRefused, 502, attempts=2, refetches=1)
BUSY = Reaction(WeChatBusy, 503, attempts=2)
MINUTE = Reaction(MinuteLimitReached, 429)
REFUSED = Reaction(WeChatRefused, 502)

CHECKS: dict[int, Reaction] = {
    # the token is bad: refresh once, retry once
    40001: TOKEN_REFUSED,
    40014: TOKEN_REFUSED,
    42001: TOKEN_REFUSED,
    # no other token would do
    41001: REFUSED,
    42007: REFUSED,
    42002: REFUSED,
    40030: REFUSED,
    42003: REFUSED,
    # try again
    -1: BUSY,
    45011: MINUTE,
    44991: MINUTE,
    85113: BUSY,
    61080: BUSY,
    61081: BUSY,
    # quota
    45009: DAY,
    48006: DAY,
    9410009: DAY,
    # ip
    40164: WRONG_ADDRESS,
    61004: WRONG_ADDRESS,
    45035: WRONG_ADDRESS,
    48017: WRONG_ADDRESS,
    # risk, administrator
    89501: WRONG_ADDRESS,
    89502: WRONG_ADDRESS,
    89503: WRONG_ADDRESS,
    89504: WRONG_ADDRESS,
    89505: WRONG_ADDRESS,
    89506: held(AddressRefused, "address", 86_400),
    89507: held(AddressRefused, "address", 3600),
    # permission, ban
    48001: REFUSED,
    48004: BANNED,
    50001: BANNED,
    50002: BANNED,
    50004: BANNED,
    50007: BANNED,
    40243: WRONG_SECRET,
    61007: BANNED,
}
"""87014 is a verdict, and has a test of its own."""


def of_ticket(reaction: Reaction) -> Reaction:
    """A ticket is asked for as patiently as a token, and a failed fetch of one pauses."""
    if reaction.hold:
        return reaction
    patient = {BUSY: CREDENTIAL_BUSY, MINUTE: CREDENTIAL_MINUTE}.get(reaction)
    return patient or Reaction(reaction.error, reaction.status, reaction.attempts, None, 1, reaction.refetches)


TICKETS = {errcode: of_ticket(reaction) for errcode, reaction in CHECKS.items()}

IN_1_3 = """-1 40001 40002 40013 40125 40164 40243 41002 41004 43002 45009 45011 48001 50004 50007 61024
89501 89502 89503 89504 89505 89506 89507"""
IN_7_1 = """40001 40014 42001 41001 42007 42002 40030 42003 -1 45011 44991 85113 61080 61081 45009 48006 9410009
40164 61004 45035 48017 89501 89502 89503 89504 89505 89506 89507
48001 48004 50001 50002 50004 50007 40243 61007 87014"""


def test_every_errcode_of_the_documents_has_a_reaction() -> None:
    assert set(TOKEN_CALLS) == set(map(int, IN_1_3.split()))
    assert {*CHECKS, 87014} == set(map(int, IN_7_1.split()))


class House:
    """A server and a mock WeChat on one fake clock."""

    def __init__(self, wechat: MockWeChat, clock: FakeClock, mode: str = "stable") -> None:
        self.wechat = wechat
        self.clock = clock
        settings = load_settings(
            {
                **wechat.environment,
                "WECHAT_STORE_URL": "memory://",
                "WECHAT_TOKEN_MODE": mode,
                "WECHAT_API_KEYS": f"all:token+ticket+moderation={API_KEY}",
                "WECHAT_EGRESS": "here",
            }
        )
        self.services = build_services(settings, clock=clock, sleep=clock.sleep, spawn=lambda work: work())
        self.client = create_app(settings, services=self.services).test_client()

    def ask(self, endpoint: str) -> Any:
        """The request of a caller that leads to this endpoint of WeChat."""
        if endpoint in (STABLE, CLASSIC):
            return self.client.get("/api/access_token", headers=HEADERS)
        if endpoint == TICKET:
            return self.client.get("/api/jsapi_ticket", headers=HEADERS)
        return self.client.post("/api/moderation/text", json={"content": "hello"}, headers=HEADERS)

    def error(self, endpoint: str) -> CentralServerError:
        """What the same request raises below the doors, once nothing is held or paused any more."""
        appid = MINI.appid if endpoint == TEXT else OFFICIAL.appid
        lift(self.services.shelf, appid)
        desk = self.services.desks[appid]

        def check(token: str) -> None:
            desk.client.msg_sec_check(token, {"content": "hello"})

        with pytest.raises(CentralServerError) as caught:
            desk.access_token.use(check) if endpoint == TEXT else desk.providers[endpoint == TICKET].get()
        return caught.value

    def hold(self, endpoint: str) -> tuple[HoldKey | None, float]:
        """What the endpoint's hold is bound to, and how long it lasts from now on."""
        account = MINI if endpoint == TEXT else OFFICIAL
        other = "mock-another-secret"
        seen = {
            (egress, secret): self.holds(account.appid, secret, egress).current(endpoint)
            for egress in ("here", "elsewhere")
            for secret in (account.secret, other)
        }
        failure = seen["here", account.secret]
        if failure is None:
            assert not any(seen.values())
            return None, 0
        bound = tuple(key for key, found in seen.items() if found)
        kinds: dict[tuple[tuple[str, str], ...], HoldKey] = {
            (("here", account.secret), ("here", other)): "address",
            (("here", account.secret), ("elsewhere", account.secret)): "secret",
            tuple(seen): "quota" if isinstance(failure.error(0), DayLimitReached) else "account",
        }
        return kinds[bound], failure.until - self.clock()

    def holds(self, appid: str, secret: str, egress: str) -> Holds:
        return Holds(appid, Secret(secret), self.services.shelf, egress=egress, timing=Timing(), clock=self.clock)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(SHANGHAI_NOON)


@pytest.fixture
def wechat(clock: FakeClock) -> Iterator[MockWeChat]:
    with MockWeChat(clock=clock) as mock:
        yield mock


def check(house: House, endpoint: str, errcode: int, reaction: Reaction) -> None:
    """One caller asks, then another."""
    wechat = house.wechat
    told = house.ask(endpoint)
    calls = wechat.calls(endpoint)
    assert [call.errcode for call in calls] == [errcode] * reaction.attempts
    assert house.hold(endpoint) == (reaction.hold, reaction.seconds if reaction.hold else 0)
    is_told(told, errcode, reaction)

    again = house.ask(endpoint)
    is_told(again, errcode, reaction)
    left_alone = bool(reaction.seconds)
    assert len(wechat.calls(endpoint)) == reaction.attempts * (1 if left_alone else 2)
    assert type(house.error(endpoint)) is reaction.error


def is_told(response: Any, errcode: int, reaction: Reaction) -> None:
    assert response.status_code == reaction.status, response.get_data(as_text=True)
    assert response.json["errcode"] == errcode
    seconds = {429: 60, 503: 2}.get(reaction.status) if not reaction.seconds else reaction.seconds
    waits = response.headers.get("Retry-After")
    assert waits == (f"{seconds:.0f}" if reaction.status in (429, 503) else None)
    if reaction.hold or errcode in TOKEN_CALLS:
        assert set(response.json["hint"]) == {"en", "zh"}


def words(errcode: int) -> str:
    return f"what {errcode} means rid: 64b0ba1d-74e53e36-717abb43"


@pytest.mark.parametrize("errcode", TOKEN_CALLS)
@pytest.mark.parametrize(("mode", "endpoint"), [("stable", STABLE), ("classic", CLASSIC)])
def test_errcode_of_a_token_call(wechat: MockWeChat, clock: FakeClock, mode: str, endpoint: str, errcode: int) -> None:
    for path in (STABLE, CLASSIC):  # classic mode asks for a stable token when its day is used up
        wechat.fail(path, errcode, errmsg=words(errcode), times=None)
    check(House(wechat, clock, mode), endpoint, errcode, TOKEN_CALLS[errcode])


def test_day_that_is_used_up_at_the_classic_endpoint_is_not_at_the_stable_one(
    wechat: MockWeChat, clock: FakeClock
) -> None:
    wechat.fail(CLASSIC, 45009, times=None)
    house = House(wechat, clock, "classic")
    assert house.ask(CLASSIC).status_code == 200
    assert [len(wechat.calls(path)) for path in (CLASSIC, STABLE)] == [1, 1]


@pytest.mark.parametrize("errcode", CHECKS)
@pytest.mark.parametrize(("endpoint", "table"), [(TEXT, CHECKS), (TICKET, TICKETS)])
def test_errcode_of_another_call(
    wechat: MockWeChat, clock: FakeClock, endpoint: str, table: dict[int, Reaction], errcode: int
) -> None:
    house = House(wechat, clock)
    wechat.fail(endpoint, errcode, errmsg=words(errcode), times=None)
    check(house, endpoint, errcode, table[errcode])


@pytest.mark.parametrize("errcode", CHECKS)
@pytest.mark.parametrize(("endpoint", "table"), [(TEXT, CHECKS), (TICKET, TICKETS)])
def test_which_errcodes_cost_a_token(
    wechat: MockWeChat, clock: FakeClock, endpoint: str, table: dict[int, Reaction], errcode: int
) -> None:
    house = House(wechat, clock)
    wechat.fail(endpoint, errcode, errmsg=words(errcode), times=None)
    house.ask(endpoint)
    assert len(wechat.calls(STABLE)) == 1 + table[errcode].refetches


@pytest.mark.parametrize("errcode", [errcode for errcode, one in CHECKS.items() if one in (TOKEN_REFUSED, BUSY)])
@pytest.mark.parametrize("endpoint", [TEXT, TICKET])
@pytest.mark.parametrize("mode", ["stable", "classic"])
def test_what_another_attempt_mends_is_noticed_by_nobody(
    wechat: MockWeChat, clock: FakeClock, endpoint: str, errcode: int, mode: str
) -> None:
    house = House(wechat, clock, mode)
    wechat.fail(endpoint, errcode, errmsg=words(errcode))
    assert house.ask(endpoint).status_code == 200
    assert [call.errcode for call in wechat.calls(endpoint)] == [errcode, 0]


def test_risky_content_is_a_verdict(wechat: MockWeChat, clock: FakeClock) -> None:
    wechat.fail(TEXT, 87014)
    response = House(wechat, clock).ask(TEXT)
    assert (response.status_code, response.json["suggest"]) == (200, "risky")
    assert len(wechat.calls(TEXT)) == 1


# -- no errcode at all

UNUSABLE: dict[str, dict[str, Any]] = {
    "500": {"status": 500, "body": ""},
    "502 html": {"status": 502, "body": "<html>Bad Gateway</html>"},
    "html": {"body": "<html>busy</html>"},
    "cut": {"truncate": True},
    "hung up before": {"drop": "before"},
    "hung up after": {"drop": "after"},
}


@pytest.mark.parametrize("effects", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize(("endpoint", "attempts"), [(STABLE, 3), (TICKET, 3), (TEXT, 2)])
def test_unusable_answer_is_tried_again(
    wechat: MockWeChat, clock: FakeClock, endpoint: str, attempts: int, effects: dict[str, Any]
) -> None:
    house = House(wechat, clock)
    wechat.fail(endpoint, times=attempts - 1, **effects)
    assert house.ask(endpoint).status_code == 200
    assert len(wechat.calls(endpoint)) == attempts


@pytest.mark.parametrize("effects", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize(("endpoint", "seconds"), [(STABLE, "1"), (TICKET, "1"), (TEXT, "2")])
def test_unusable_answers_are_503_in_the_end(
    wechat: MockWeChat, clock: FakeClock, endpoint: str, seconds: str, effects: dict[str, Any]
) -> None:
    house = House(wechat, clock)
    wechat.fail(endpoint, times=None, **effects)
    response = house.ask(endpoint)
    assert (response.status_code, response.json["type"]) == (503, "/problems/wechat-unavailable")
    assert response.headers["Retry-After"] == seconds
    assert house.hold(endpoint) == (None, 0)
    assert type(house.error(endpoint)) is WeChatUnavailable


# -- the forced refresh


@pytest.mark.parametrize("effects", [{"drop": "after"}, {"status": 502}, {"errcode": -1}, {"errcode": 45011}], ids=str)
def test_forced_refresh_is_sent_once_whatever_comes_back(
    wechat: MockWeChat, clock: FakeClock, effects: dict[str, Any]
) -> None:
    """It kills the token of everybody; WeChat may have acted on the one that went unanswered."""
    house = House(wechat, clock)
    token = house.services.desks[OFFICIAL.appid].access_token
    token.get()
    wechat.fail(STABLE, times=None, **effects)
    with pytest.raises(WeChatError):
        token.renew(force=True)
    assert len(wechat.calls(STABLE)) == 2
    assert house.services.shelf.load(Key(OFFICIAL.appid, "access_token"))


# -- hints


@pytest.mark.parametrize("errcode", TOKEN_CALLS)
def test_whoever_is_on_call_is_told_what_to_do_about_each_answer_to_a_token_call(
    wechat: MockWeChat, clock: FakeClock, errcode: int
) -> None:
    wechat.fail(STABLE, errcode, errmsg=words(errcode), times=None)
    said = House(wechat, clock).ask(STABLE).json["hint"]
    assert len(said["en"]) > 40
    assert len(said["zh"]) > 15
