"""Two nodes on one Redis: two gunicorns, each with an address of its own towards WeChat."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import pytest

from mock_wechat import MockWeChat
from tests.e2e.callers import Ask, Callers, statuses
from tests.e2e.leaks import Seen
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.stored import make_stale, stored
from tests.e2e.uplink import UNHURRIED, Uplink
from tests.redis_server import RedisServer

OFFICIAL = "wx0000000000000001"
MINI = "wx0000000000000002"
STABLE = "/cgi-bin/stable_token"
TICKET = "/cgi-bin/ticket/getticket"
CHECK = "/wxa/msg_sec_check"
RISKY = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"

LISTED, UNLISTED = "203.0.113.1", "203.0.113.2"


@dataclass(frozen=True)
class Node:
    """A gunicorn, and its way to WeChat."""

    server: Server
    uplink: Uplink

    @property
    def signature(self) -> Ask:
        return Ask(f"{self.server.url}/api/jssdk/signature?url={quote('http://127.0.0.1:8000/', safe='')}")

    @property
    def check(self) -> Ask:
        return Ask(f"{self.server.url}/api/moderation/text", {"content": RISKY})

    def token(self, account: str = "mini") -> str:
        return str(self.server.get("/api/access_token", account=account).json()["access_token"])


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


@contextmanager
def node(
    wechat: MockWeChat, redis_server: RedisServer, folder: Path, address: str, *, held: str = "", **settings: str
) -> Iterator[Node]:
    """It comes to WeChat from `address`. `held`: the path whose answers are held back from the beginning."""
    with Uplink(wechat, address) as uplink:
        uplink.hold(held)
        environment = {
            **uplink.environment,
            "WECHAT_STORE_URL": redis_server.url,
            "WECHAT_EGRESS": address,
            "WECHAT_JS_DOMAINS": "127.0.0.1:8000",
            "WECHAT_WORKERS": "1",
            **settings,
        }
        with serving(folder, environment) as server:
            yield Node(server, uplink)
            uplink.release()


@contextmanager
def two_nodes(wechat: MockWeChat, redis_server: RedisServer, folder: Path, **options: str) -> Iterator[list[Node]]:
    with ExitStack() as stack:
        addresses = (LISTED, UNLISTED)
        yield [stack.enter_context(node(wechat, redis_server, folder, address, **options)) for address in addresses]


def fetches(wechat: MockWeChat, path: str, appid: str) -> int:
    return sum(call.appid == appid for call in wechat.calls(path))


def calls_from(wechat: MockWeChat, address: str, path: str, appid: str) -> list[int | None]:
    """What WeChat said to each call."""
    return [call.errcode for call in wechat.calls(path) if (call.client, call.appid) == (address, appid)]


def generation(redis_server: RedisServer, appid: str, credential: str) -> int:
    found = stored(redis_server.url, appid, credential)
    return found.generation if found else 0


def test_a_revocation_that_one_node_notices_is_known_to_the_other(
    wechat: MockWeChat, redis_server: RedisServer, tmp_path: Path
) -> None:
    with two_nodes(wechat, redis_server, tmp_path) as (one, other):
        revoked = one.token()
        assert other.token() == revoked
        wechat.revoke(MINI, "stable_token")
        for node in (one, other, one, other):
            assert node.server.post("/api/moderation/text", json={"content": RISKY}).json()["suggest"] == "risky"
        assert [call.errcode for call in wechat.calls(CHECK)] == [40001, 87014, 87014, 87014, 87014]
        # Whoever still has the old one learns of the new one from either node, without another fetch.
        for node in (one, other):
            body = {"rejected": revoked, "account": "mini"}
            told = node.server.post("/api/access_token/refresh", json=body).json()["access_token"]
            assert told == node.token() != revoked
    assert fetches(wechat, STABLE, MINI) == 2


def test_a_node_that_is_not_on_the_ip_list_serves_what_the_other_keeps_fresh(
    wechat: MockWeChat, callers: Callers, redis_server: RedisServer, seen: Seen, tmp_path: Path
) -> None:
    wechat.add_account(OFFICIAL, "mock-official-secret", "official", ip_whitelist=[LISTED])
    wechat.add_account(MINI, "mock-mini-secret", "mini", ip_whitelist=[LISTED])
    often = {"WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.4"}
    with ExitStack() as stack:
        held = stack.enter_context(node(wechat, redis_server, tmp_path, UNLISTED, **often))
        eventually(lambda: len(wechat.calls(STABLE)) == 2, "it has tried both accounts")
        alone = callers.call([held.signature, held.check] * 10)
        assert statuses(alone) == {503}
        assert {answer.json()["errcode"] for answer in alone} == {40164}

        listed = stack.enter_context(node(wechat, redis_server, tmp_path, LISTED, **often, **UNHURRIED))
        eventually(lambda: generation(redis_server, OFFICIAL, "jsapi_ticket") == 1, "the listed node has fetched")
        eventually(lambda: generation(redis_server, MINI, "access_token") == 1, "the listed node has fetched")
        listed.uplink.hold(STABLE)
        for appid in (OFFICIAL, MINI):
            make_stale(redis_server.url, appid, "access_token")
        eventually(lambda: listed.uplink.waiting, "the listed node renews a token")
        answers = callers.call([each for node in (held, listed) for each in (node.signature, node.check)] * 10)
        assert statuses(answers) == {200}
        assert listed.uplink.waiting  # nobody waited for WeChat
        listed.uplink.release()
        make_stale(redis_server.url, OFFICIAL, "jsapi_ticket")
        keys = ((OFFICIAL, "access_token"), (OFFICIAL, "jsapi_ticket"), (MINI, "access_token"))
        eventually(lambda: {generation(redis_server, *key) for key in keys} == {2}, "the listed node renews all")
        # The unlisted node asked WeChat once for each account, before the other one was there, and then not again.
        assert [calls_from(wechat, UNLISTED, STABLE, appid) for appid in (OFFICIAL, MINI)] == [[40164], [40164]]
        assert calls_from(wechat, UNLISTED, TICKET, OFFICIAL) == []
        assert [calls_from(wechat, LISTED, STABLE, appid) for appid in (OFFICIAL, MINI)] == [[None, None], [None, None]]
        assert calls_from(wechat, LISTED, TICKET, OFFICIAL) == [0, 0]
        seen += [answer.body for answer in alone + answers]
