"""Two nodes on one Redis: two gunicorns, each with an address of its own at WeChat."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.e2e.callers import call, check, sign, statuses
from tests.e2e.conftest import Seen
from tests.e2e.nodes import CREDENTIALS, MINI_TOKEN, TICKET_KEY, TOKEN, fetches, generation, make_stale
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import CHECK, RISKY, STABLE, TICKET, UNHURRIED, Uplink
from tests.redis_server import RedisServer

LISTED, UNLISTED = "203.0.113.1", "203.0.113.2"


@dataclass(frozen=True)
class Node:
    """A gunicorn, and its connection to WeChat."""

    server: Server
    uplink: Uplink

    def token(self) -> str:
        return str(self.server.get("/api/access_token", account="mini").json()["access_token"])


@contextmanager
def node(wechat: MockWeChat, redis_server: RedisServer, folder: Path, address: str, **settings: str) -> Iterator[Node]:
    with Uplink(wechat, address) as uplink:
        store = {"WECHAT_STORE_URL": redis_server.url, "WECHAT_EGRESS": address, "WECHAT_WORKERS": "1"}
        with serving(folder, {**uplink.environment, **store, **settings}) as server:
            yield Node(server, uplink)
            uplink.release()


def calls_from(wechat: MockWeChat, address: str, path: str, appid: str) -> list[int | None]:
    """The errcode of each call."""
    return [call.errcode for call in wechat.calls(path) if (call.client, call.appid) == (address, appid)]


def test_revocation_that_one_node_notices_is_known_to_the_other(
    wechat: MockWeChat, redis_server: RedisServer, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        one, other = (
            stack.enter_context(node(wechat, redis_server, tmp_path, address)) for address in (LISTED, UNLISTED)
        )
        revoked = one.token()
        assert other.token() == revoked
        wechat.revoke(MINI.appid, "stable_token")
        for each in (one, other, one, other):
            assert each.server.post("/api/moderation/text", json={"content": RISKY}).json()["suggest"] == "risky"
        assert [call.errcode for call in wechat.calls(CHECK)] == [40001, 87014, 87014, 87014, 87014]
        # A caller that still has the old one gets the new one from either node, without another fetch.
        for each in (one, other):
            body = {"rejected": revoked, "account": "mini"}
            given = each.server.post("/api/access_token/refresh", json=body).json()["access_token"]
            assert given == each.token() != revoked
    assert fetches(wechat, STABLE, appid=MINI.appid) == 2


def test_node_that_is_not_on_the_ip_list_serves_what_the_other_keeps_fresh(
    wechat: MockWeChat, redis_server: RedisServer, seen: Seen, tmp_path: Path
) -> None:
    for account in (OFFICIAL, MINI):
        wechat.add_account(account.appid, account.secret, account.kind, ip_whitelist=[LISTED])
    often = {"WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.4"}
    with ExitStack() as stack:
        unlisted = stack.enter_context(node(wechat, redis_server, tmp_path, UNLISTED, **often))
        eventually(lambda: len(wechat.calls(STABLE)) == 2, "it has tried both accounts")
        alone = call([sign(unlisted.server), check(unlisted.server)] * 10)
        assert statuses(alone) == {503}
        assert {answer.json()["errcode"] for answer in alone} == {40164}

        listed = stack.enter_context(node(wechat, redis_server, tmp_path, LISTED, **often, **UNHURRIED))
        eventually(lambda: all(generation(redis_server.url, key) == 1 for key in CREDENTIALS), "the listed one fetches")
        listed.uplink.hold(STABLE)
        make_stale(redis_server.url, TOKEN, MINI_TOKEN)
        eventually(lambda: listed.uplink.waiting, "the listed node renews a token")
        asks = [ask for each in (unlisted, listed) for ask in (sign(each.server), check(each.server))]
        answers = call(asks * 10)
        assert statuses(answers) == {200}
        assert listed.uplink.waiting  # no caller waited for WeChat
        listed.uplink.release()
        make_stale(redis_server.url, TICKET_KEY)
        eventually(lambda: all(generation(redis_server.url, key) == 2 for key in CREDENTIALS), "it renews all")
        # The unlisted node calls once for each credential, and may once more when the other's start lifts its cooldown.
        for account in (OFFICIAL, MINI):
            assert calls_from(wechat, UNLISTED, STABLE, account.appid) in ([40164], [40164, 40164])
        assert calls_from(wechat, UNLISTED, TICKET, OFFICIAL.appid) in ([], [40164])
        assert [calls_from(wechat, LISTED, STABLE, account.appid) for account in (OFFICIAL, MINI)] == [[None] * 2] * 2
        assert calls_from(wechat, LISTED, TICKET, OFFICIAL.appid) == [0, 0]
        seen += [answer.body for answer in alone + answers]
