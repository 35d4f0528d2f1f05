"""A process that dies, or stops, while it fetches for all: two gunicorns of one worker each on one store."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from mock_wechat import MockWeChat
from tests.e2e.callers import call, calling, statuses, token
from tests.e2e.conftest import Seen
from tests.e2e.nodes import MINI_TOKEN, generation, logged, make_expired, make_stale, stored
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import CLASSIC, STABLE, Uplink

TIMES = {
    "WECHAT_TIMING__LEASE_SECONDS": "4",
    "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "2.5",
    "WECHAT_READ_TIMEOUT_SECONDS": "2.5",
    "WECHAT_TIMING__LOCK_WAIT_SECONDS": "0.5",
    "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.2",
}


@dataclass(frozen=True)
class Node:
    """A gunicorn of one worker, and its connection to WeChat."""

    server: Server
    uplink: Uplink

    @property
    def worker(self) -> int:
        (worker,) = self.server.workers()
        return worker


@contextmanager
def two_nodes(wechat: MockWeChat, store_url: str, folder: Path, **settings: str) -> Iterator[list[Node]]:
    """Both serve the mini program alone."""
    with ExitStack() as stack:
        nodes = []
        for number in (1, 2):
            uplink = stack.enter_context(Uplink(wechat, f"203.0.113.{number}"))
            environment = {**uplink.environment, **TIMES, **settings, "WECHAT_STORE_URL": store_url}
            del environment["WECHAT_APPID"], environment["WECHAT_SECRET"]
            environment["WECHAT_JS_DOMAINS"] = ""
            server = stack.enter_context(serving(folder, environment, "--workers", "1", "--threads", "16"))
            nodes.append(Node(server, uplink))
        yield nodes
        for node in nodes:
            node.uplink.release()


def holder_first(nodes: list[Node]) -> list[Node]:
    """The node whose fetch is kept back at WeChat, and the other."""
    eventually(lambda: any(node.uplink.waiting for node in nodes), "one of them fetches")
    return sorted(nodes, key=lambda node: not node.uplink.waiting)


def is_at_rest(process: int) -> bool:
    """Whether all its threads wait, so that the one that fetches waits for WeChat's answer."""
    tasks = [task.read_text() for task in Path(f"/proc/{process}/task").glob("*/stat")]
    return all(task.rpartition(")")[2].split()[0] == "S" for task in tasks)


def token_of(store_url: str, number: int) -> str:
    """The stored token, once it is of this generation."""
    eventually(lambda: generation(store_url, MINI_TOKEN) == number, f"generation {number} is stored")
    credential = stored(store_url, MINI_TOKEN)
    assert credential
    return credential.value


@pytest.mark.parametrize(("store_url", "valid"), [("sqlite", False), ("redis", True)], indirect=["store_url"])
def test_after_the_lease_of_a_killed_holder_the_next_one_fetches(
    wechat: MockWeChat, store_url: str, seen: Seen, tmp_path: Path, valid: bool
) -> None:
    """Meanwhile a valid token is served; without one callers get 503."""
    with two_nodes(wechat, store_url, tmp_path) as nodes:
        first = token_of(store_url, 1)
        for node in nodes:
            assert call([token(node.server, "mini")])[0].status == 200
            node.uplink.hold(STABLE)
        (make_stale if valid else make_expired)(store_url, MINI_TOKEN)
        holder, other = holder_first(nodes)
        with calling(token(other.server, "mini"), callers=6) as load:
            os.kill(holder.worker, signal.SIGKILL)
            for node in nodes:
                node.uplink.release()
            eventually(lambda: len(wechat.calls(STABLE)) == 3, "the next one fetches")
            token_of(store_url, 2)
        assert statuses(call([token(node.server, "mini") for node in nodes])) == {200}
    if valid:
        assert load.failed == []
        assert {answer.json()["access_token"] for answer in load.answers} == {first}  # stable: the same, confirmed
    else:
        assert statuses(load.failed) == {503}
        assert {answer.retry_after for answer in load.failed} == {"1"}
        seen += [answer.body for answer in load.failed]
    assert len(wechat.calls(STABLE)) == 3


@pytest.mark.parametrize("store_url", ["redis"], indirect=True)
def test_holder_that_stopped_past_its_lease_does_not_replace_the_newer_token(
    wechat: MockWeChat, store_url: str, tmp_path: Path
) -> None:
    with two_nodes(wechat, store_url, tmp_path, WECHAT_TOKEN_MODE="classic") as nodes:
        nodes[0].server.get("/api/access_token")
        for node in nodes:
            node.uplink.hold(CLASSIC)
        make_stale(store_url, MINI_TOKEN)
        holder, other = holder_first(nodes)
        worker = holder.worker
        eventually(lambda: is_at_rest(worker), "the holder waits for the answer")
        os.kill(worker, signal.SIGSTOP)
        try:
            other.uplink.release()  # the holder's answer is kept back
            eventually(lambda: len(wechat.calls(CLASSIC)) == 3, "the next one fetches when the lease is over")
            newer = token_of(store_url, 2)
            holder.uplink.release()
            eventually(lambda: holder.uplink.unread, "WeChat's answer to the holder has arrived")
        finally:
            os.kill(worker, signal.SIGCONT)
        # Its fetch has exceeded its deadline, which is shorter than the lease: what it got is dropped.
        eventually(lambda: logged(holder.server, "not refreshed"), "the holder's fetch ends")
        for node in nodes:
            assert node.server.get("/api/access_token").json()["access_token"] == newer
            assert node.server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
    fetched = wechat.calls(CLASSIC)
    assert [call.issued.generation for call in fetched if call.issued] == [1, 2, 3]
    assert [call.client for call in fetched][1:] == [holder.uplink.address, other.uplink.address]
    wechat.assert_no_dead_token_used()
