"""What each kind of WeChat's answers leads to, for the server and for its caller (WECHAT.md 1.3, 7.1).

One errcode stands for each error: test_errcodes has the others, test_cooldown how cooldowns grow and which nodes they
bind. Each case is a caller's request to a server that calls a mock WeChat.
"""

from dataclasses import dataclass
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
    """The consequences of one answer."""

    status: int
    """of the answer to the caller"""
    attempts: int = 1
    """calls to WeChat for one request"""
    cooldown: float = 0
    """seconds"""
    refetches: int = 0
    """access_tokens fetched because of it"""


MENDED_BY_AN_OPERATOR = Reaction(503, cooldown=60)
EVERYWHERE = {
    40243: MENDED_BY_AN_OPERATOR,  # secret
    40164: MENDED_BY_AN_OPERATOR,  # address
    45009: MENDED_BY_AN_OPERATOR,  # quota
    50004: MENDED_BY_AN_OPERATOR,  # account
    89507: Reaction(503, cooldown=3600),
    89506: Reaction(503, cooldown=86_400),
}
BUSY_CREDENTIAL, MINUTE_CREDENTIAL = Reaction(503, attempts=3, cooldown=1), Reaction(429, attempts=3, cooldown=1)
REACTIONS = {
    STABLE: {
        **EVERYWHERE,
        -1: BUSY_CREDENTIAL,
        48001: BUSY_CREDENTIAL,
        45011: MINUTE_CREDENTIAL,
        40002: Reaction(502, cooldown=1),
        40001: MENDED_BY_AN_OPERATOR,
    },
    TICKET: {
        **EVERYWHERE,
        -1: BUSY_CREDENTIAL,
        45011: MINUTE_CREDENTIAL,
        40001: Reaction(502, attempts=2, cooldown=1, refetches=1),
        48001: Reaction(502, cooldown=1),
    },
    TEXT: {
        **EVERYWHERE,
        -1: Reaction(503, attempts=2),
        45011: Reaction(429),
        40001: Reaction(502, attempts=2, refetches=1),
        48001: Reaction(502),
    },
}
CASES = [(endpoint, errcode, one) for endpoint, rows in REACTIONS.items() for errcode, one in rows.items()]


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
def server(wechat: MockWeChat, clock: FakeClock) -> Server:
    return Server(wechat, clock)


@pytest.mark.parametrize(("endpoint", "errcode", "reaction"), CASES)
def test_errcode(wechat: MockWeChat, server: Server, endpoint: str, errcode: int, reaction: Reaction) -> None:
    wechat.fail(endpoint, errcode, errmsg="what it means rid: 64b0ba1d-74e53e36-717abb43", times=None)
    for requests in (1, 2):
        answer = server.ask(endpoint)
        assert (answer.status_code, answer.json["errcode"]) == (reaction.status, errcode)
        wait = reaction.cooldown or {429: 60, 503: 2}.get(reaction.status)
        assert answer.headers.get("Retry-After") == (f"{wait:.0f}" if reaction.status in (429, 503) else None)
        assert endpoint != STABLE or answer.json["hint"]
        asked = 1 if reaction.cooldown else requests
        assert [call.errcode for call in wechat.calls(endpoint)] == [errcode] * reaction.attempts * asked
    if endpoint != STABLE:
        assert len(wechat.calls(STABLE)) == 1 + reaction.refetches * (1 if reaction.cooldown else 2)


def test_used_up_quota_of_classic_tokens_leads_to_a_stable_one(wechat: MockWeChat, clock: FakeClock) -> None:
    wechat.fail(CLASSIC, 45009, times=None)
    server = Server(wechat, clock, "classic")
    assert server.ask(CLASSIC).status_code == 200
    assert [len(wechat.calls(path)) for path in (CLASSIC, STABLE)] == [1, 1]


@pytest.mark.parametrize("errcode", [40001, -1])
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
@pytest.mark.parametrize(("endpoint", "attempts", "wait"), [(STABLE, 3, "1"), (TICKET, 3, "1"), (TEXT, 2, "2")])
def test_unusable_answers(
    wechat: MockWeChat, clock: FakeClock, endpoint: str, attempts: int, wait: str, effects: dict[str, Any]
) -> None:
    wechat.fail(endpoint, times=attempts - 1, **effects)
    assert Server(wechat, clock).ask(endpoint).status_code == 200
    assert len(wechat.calls(endpoint)) == attempts
    wechat.fail(endpoint, times=None, **effects)
    response = Server(wechat, clock).ask(endpoint)
    assert (response.status_code, response.json["type"]) == (503, "/problems/wechat-unavailable")
    assert response.headers["Retry-After"] == wait


@pytest.mark.parametrize("effects", [{"drop": "after"}, {"status": 502}, {"errcode": -1}, {"errcode": 45011}], ids=str)
def test_forced_refresh_is_sent_once(wechat: MockWeChat, server: Server, effects: dict[str, Any]) -> None:
    """It kills the current token, and WeChat may have acted on the call that went unanswered."""
    token = server.services.by_appid[OFFICIAL.appid].access_token
    token.get()
    wechat.fail(STABLE, times=None, **effects)
    with pytest.raises(WeChatError):
        token.renew(force=True)
    assert len(wechat.calls(STABLE)) == 2
    assert server.services.store.load(Key(OFFICIAL.appid, "access_token"))
