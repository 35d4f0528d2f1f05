"""From WeChat's answer to what the server does about it and what its caller is told.

The codes and their reactions are those of WECHAT.md 1.3 (calls for a token) and 7.1 (all other calls). Each case is a
request of a caller that leads to a mock WeChat. Which error an errcode is stands in test_errcodes, whom a cooldown
binds and how it grows in test_cooldown.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from app import create_app
from app.errors import WeChatError
from app.services import build_services
from app.settings import load_settings
from app.stores import Key
from mock_wechat import OFFICIAL, MockWeChat
from tests.doubles import FakeClock

STABLE, CLASSIC, TICKET = "/cgi-bin/stable_token", "/cgi-bin/token", "/cgi-bin/ticket/getticket"
TEXT = "/wxa/msg_sec_check"
API_KEY = "reactions-key-of-enough-characters"
HEADERS = {"Authorization": f"Bearer {API_KEY}"}
SHANGHAI_NOON = 1_790_006_400.0 - 12 * 3600


@dataclass(frozen=True)
class Reaction:
    """What one answer leads to."""

    status: int
    """what the caller gets"""
    attempts: int = 1
    """calls that WeChat sees for one request of a caller"""
    cooldown: float = 0
    """seconds for which WeChat is left alone"""
    refetches: int = 0
    """access_tokens fetched on account of it"""


FOR_A_PERSON = Reaction(503, cooldown=60)
FOR_AN_HOUR, FOR_A_DAY = Reaction(503, cooldown=3600), Reaction(503, cooldown=86_400)
CREDENTIAL_BUSY, CREDENTIAL_MINUTE = Reaction(503, attempts=3, cooldown=1), Reaction(429, attempts=3, cooldown=1)
OUR_BUG = Reaction(502, cooldown=1)
TOKEN_REFUSED = Reaction(502, attempts=2, refetches=1)
BUSY, MINUTE, REFUSED = Reaction(503, attempts=2), Reaction(429), Reaction(502)


def table(rows: dict[Reaction, list[int]]) -> dict[int, Reaction]:
    """errcode -> reaction."""
    return {errcode: reaction for reaction, errcodes in rows.items() for errcode in errcodes}


TOKEN_CALLS = table(
    {
        CREDENTIAL_BUSY: [-1, 48001],
        CREDENTIAL_MINUTE: [45011],
        OUR_BUG: [40002, 41002, 41004, 43002],
        FOR_A_PERSON: [40001, 40013, 40125, 40164, 40243, 45009, 50004, 50007, 61024, *range(89501, 89506)],
        FOR_AN_HOUR: [89507],
        FOR_A_DAY: [89506],
    }
)
CHECKS = table(
    {
        TOKEN_REFUSED: [40001, 40014, 42001],
        REFUSED: [41001, 42007, 42002, 40030, 42003, 48001],  # no other token would do
        BUSY: [-1, 85113, 61080, 61081],
        MINUTE: [45011, 44991],
        FOR_A_PERSON: [
            *(45009, 48006, 9410009),  # quota
            *(40164, 61004, 45035, 48017, *range(89501, 89506)),  # address
            *(48004, 50001, 50002, 50004, 50007, 40243, 61007),  # account, secret
        ],
        FOR_AN_HOUR: [89507],
        FOR_A_DAY: [89506],
    }
)
"""87014 is a verdict, and has a test of its own."""


def of_ticket(reaction: Reaction) -> Reaction:
    """A ticket gets as many attempts as a token, and a failed fetch of one has a cooldown."""
    patient = {BUSY: CREDENTIAL_BUSY, MINUTE: CREDENTIAL_MINUTE}.get(reaction, reaction)
    return patient if patient.cooldown else replace(patient, cooldown=1)


TICKETS = {errcode: of_ticket(reaction) for errcode, reaction in CHECKS.items()}
CASES = [
    (endpoint, errcode, reaction)
    for endpoint, reactions in ((STABLE, TOKEN_CALLS), (TEXT, CHECKS), (TICKET, TICKETS))
    for errcode, reaction in reactions.items()
]

IN_1_3 = """-1 40001 40002 40013 40125 40164 40243 41002 41004 43002 45009 45011 48001 50004 50007 61024
89501 89502 89503 89504 89505 89506 89507"""
IN_7_1 = """40001 40014 42001 41001 42007 42002 40030 42003 -1 45011 44991 85113 61080 61081 45009 48006 9410009
40164 61004 45035 48017 89501 89502 89503 89504 89505 89506 89507
48001 48004 50001 50002 50004 50007 40243 61007 87014"""


def test_every_errcode_of_the_documents_has_a_reaction() -> None:
    assert set(TOKEN_CALLS) == set(map(int, IN_1_3.split()))
    assert {*CHECKS, 87014} == set(map(int, IN_7_1.split()))


class Server:
    """A server that calls a mock WeChat, on one fake clock."""

    def __init__(self, wechat: MockWeChat, clock: FakeClock, mode: str = "stable") -> None:
        settings = load_settings(
            {
                **wechat.environment,
                "WECHAT_STORE_URL": "memory://",
                "WECHAT_TOKEN_MODE": mode,
                "WECHAT_API_KEYS": f"all:token+ticket+moderation={API_KEY}",
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


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(SHANGHAI_NOON)


@pytest.fixture
def wechat(clock: FakeClock) -> Iterator[MockWeChat]:
    with MockWeChat(clock=clock) as mock:
        yield mock


@pytest.fixture
def server(wechat: MockWeChat, clock: FakeClock) -> Server:
    return Server(wechat, clock)


@pytest.mark.parametrize(("endpoint", "errcode", "reaction"), CASES)
def test_errcode(wechat: MockWeChat, server: Server, endpoint: str, errcode: int, reaction: Reaction) -> None:
    wechat.fail(endpoint, errcode, errmsg="what it means rid: 64b0ba1d-74e53e36-717abb43", times=None)
    for requests in (1, 2):
        told = server.ask(endpoint)
        assert (told.status_code, told.json["errcode"]) == (reaction.status, errcode)
        wait = reaction.cooldown or {429: 60, 503: 2}.get(reaction.status)
        assert told.headers.get("Retry-After") == (f"{wait:.0f}" if reaction.status in (429, 503) else None)
        if endpoint == STABLE:
            assert len(told.json["hint"]["en"]) > 40
            assert len(told.json["hint"]["zh"]) > 15
        asked = 1 if reaction.cooldown else requests
        assert [call.errcode for call in wechat.calls(endpoint)] == [errcode] * reaction.attempts * asked
    if endpoint != STABLE:
        assert len(wechat.calls(STABLE)) == 1 + reaction.refetches * (1 if reaction.cooldown else 2)


def test_used_up_quota_of_classic_tokens_leads_to_a_stable_one(wechat: MockWeChat, clock: FakeClock) -> None:
    wechat.fail(CLASSIC, 45009, times=None)
    server = Server(wechat, clock, "classic")
    assert server.ask(CLASSIC).status_code == 200
    assert [len(wechat.calls(path)) for path in (CLASSIC, STABLE)] == [1, 1]


@pytest.mark.parametrize("errcode", [errcode for errcode, one in CHECKS.items() if one in (TOKEN_REFUSED, BUSY)])
@pytest.mark.parametrize("endpoint", [TEXT, TICKET])
def test_errcode_that_another_attempt_mends(wechat: MockWeChat, server: Server, endpoint: str, errcode: int) -> None:
    wechat.fail(endpoint, errcode, errmsg="busy")
    assert server.ask(endpoint).status_code == 200
    assert [call.errcode for call in wechat.calls(endpoint)] == [errcode, 0]


def test_risky_content_is_a_verdict(wechat: MockWeChat, server: Server) -> None:
    wechat.fail(TEXT, 87014)
    response = server.ask(TEXT)
    assert (response.status_code, response.json["suggest"]) == (200, "risky")
    assert len(wechat.calls(TEXT)) == 1


UNUSABLE: dict[str, dict[str, Any]] = {
    "500": {"status": 500, "body": ""},
    "502 html": {"status": 502, "body": "<html>Bad Gateway</html>"},
    "html": {"body": "<html>busy</html>"},
    "cut": {"truncate": True},
    "hung up before": {"drop": "before"},
    "hung up after": {"drop": "after"},
}


@pytest.mark.parametrize("effects", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize(("endpoint", "wait"), [(STABLE, "1"), (TICKET, "1"), (TEXT, "2")])
def test_unusable_answers(
    wechat: MockWeChat, server: Server, endpoint: str, wait: str, effects: dict[str, Any]
) -> None:
    wechat.fail(endpoint, times=None, **effects)
    response = server.ask(endpoint)
    assert (response.status_code, response.json["type"]) == (503, "/problems/wechat-unavailable")
    assert response.headers["Retry-After"] == wait


@pytest.mark.parametrize("effects", UNUSABLE.values(), ids=UNUSABLE)
@pytest.mark.parametrize(("endpoint", "attempts"), [(STABLE, 3), (TICKET, 3), (TEXT, 2)])
def test_unusable_answer_that_another_attempt_mends(
    wechat: MockWeChat, server: Server, endpoint: str, attempts: int, effects: dict[str, Any]
) -> None:
    wechat.fail(endpoint, times=attempts - 1, **effects)
    assert server.ask(endpoint).status_code == 200
    assert len(wechat.calls(endpoint)) == attempts


@pytest.mark.parametrize("effects", [{"drop": "after"}, {"status": 502}, {"errcode": -1}, {"errcode": 45011}], ids=str)
def test_forced_refresh_is_sent_once_whatever_comes_back(
    wechat: MockWeChat, server: Server, effects: dict[str, Any]
) -> None:
    """It kills the current token, and WeChat may have acted on the call that went unanswered."""
    token = server.services.by_appid[OFFICIAL.appid].access_token
    token.get()
    wechat.fail(STABLE, times=None, **effects)
    with pytest.raises(WeChatError):
        token.renew(force=True)
    assert len(wechat.calls(STABLE)) == 2
    assert server.services.store.load(Key(OFFICIAL.appid, "access_token"))
