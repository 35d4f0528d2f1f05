"""A process that dies, or stands still, while it fetches for all: two gunicorns of one worker each on one store."""

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.stores import Credential
from mock_wechat import MockWeChat
from tests.e2e.callers import Ask, Callers, slowest, statuses
from tests.e2e.leaks import Seen
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.stored import make_expired, make_stale, stored
from tests.e2e.uplink import Uplink

MINI = "wx0000000000000002"
STABLE = "/cgi-bin/stable_token"
CLASSIC = "/cgi-bin/token"
CHECK = "/wxa/msg_sec_check"

LEASE_SECONDS = 5.0
"""longer, by the slack, than a caller waits, and than the time between two looks at a lease that is taken (1.3 s)"""
LOCK_WAIT_SECONDS = 0.5
SLACK_SECONDS = 3.5
"""for a machine that holds processes up; WeChat's calls are late as well if it is the mock that is held up"""
TIMES = {
    "WECHAT_TIMING__LEASE_SECONDS": f"{LEASE_SECONDS:g}",
    "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "4",
    "WECHAT_READ_TIMEOUT_SECONDS": "4",
    "WECHAT_TIMING__LOCK_WAIT_SECONDS": f"{LOCK_WAIT_SECONDS:g}",
    "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.2",
}


@dataclass(frozen=True)
class Node:
    """A gunicorn of one worker, and its way to WeChat."""

    server: Server
    uplink: Uplink

    @property
    def worker(self) -> int:
        (worker,) = self.server.workers()
        return worker

    @property
    def token(self) -> Ask:
        return Ask(f"{self.server.url}/api/access_token?account=mini")


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


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
    """The one whose fetch is held back at WeChat, and the other."""
    eventually(lambda: any(node.uplink.waiting for node in nodes), "somebody fetches")
    return sorted(nodes, key=lambda node: not node.uplink.waiting)


def is_at_rest(process: int) -> bool:
    """Whether all its threads wait, so that the one that fetches waits for WeChat's answer."""
    tasks = [task.read_text() for task in Path(f"/proc/{process}/task").glob("*/stat")]
    return all(task.rpartition(")")[2].split()[0] == "S" for task in tasks)


def token_of(store_url: str, *, generation: int) -> str:
    """The stored token, once it is of this generation."""
    found: list[Credential] = []

    def is_there() -> bool:
        credential = stored(store_url, MINI, "access_token")
        found[:] = [credential] if credential else []
        return credential is not None and credential.generation == generation

    eventually(is_there, f"generation {generation} is stored")
    return found[0].value


def calls_at(wechat: MockWeChat, path: str) -> list[float]:
    return [call.at for call in wechat.calls(path)]


def test_while_the_holder_is_killed_a_valid_token_is_served_and_the_next_one_fetches_when_the_lease_is_over(
    wechat: MockWeChat, callers: Callers, store_url: str, tmp_path: Path
) -> None:
    with two_nodes(wechat, store_url, tmp_path) as nodes:
        token = nodes[0].server.get("/api/access_token").json()["access_token"]
        for node in nodes:
            node.uplink.hold(STABLE)
        make_stale(store_url, MINI, "access_token")
        holder, other = holder_first(nodes)
        run = callers.start([holder.token, other.token] * 4, seconds=LEASE_SECONDS, pause=0.1)
        os.kill(holder.worker, signal.SIGKILL)
        for node in nodes:
            node.uplink.release()
        eventually(lambda: len(wechat.calls(STABLE)) == 3, "the next one fetches")
        assert token_of(store_url, generation=2) == token  # stable: the same one, confirmed
        answers = run.answers()
    at_other = [answer for answer in answers if answer.ask == other.token]
    assert statuses(at_other) == {200}
    assert {answer.json()["access_token"] for answer in at_other} == {token}
    assert slowest(at_other) < SLACK_SECONDS
    # What its caller had sent to the worker that was killed is lost with it, and nothing after that.
    assert all(answer.status == 200 for answer in answers if answer.ask == holder.token and answer.status)
    _, killed, successor = calls_at(wechat, STABLE)
    assert LEASE_SECONDS - SLACK_SECONDS < successor - killed < LEASE_SECONDS + 2 * SLACK_SECONDS


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_with_no_valid_token_a_killed_holder_costs_503_in_time_until_the_lease_is_over(
    wechat: MockWeChat, callers: Callers, store_url: str, seen: Seen, tmp_path: Path
) -> None:
    with two_nodes(wechat, store_url, tmp_path) as nodes:
        token_of(store_url, generation=1)
        for node in nodes:
            node.uplink.hold(STABLE)
        make_expired(store_url, MINI, "access_token")
        holder, other = holder_first(nodes)
        run = callers.start([other.token] * 6, seconds=LEASE_SECONDS, pause=0.1)
        os.kill(holder.worker, signal.SIGKILL)
        for node in nodes:
            node.uplink.release()
        eventually(lambda: len(wechat.calls(STABLE)) == 3, "the next one fetches")
        token_of(store_url, generation=2)
        assert statuses(callers.call([other.token] * 6)) == {200}
        answers = run.answers()
    refused = [answer for answer in answers if answer.status != 200]
    assert statuses(refused) == {503}
    assert all(answer.retry_after == "1" for answer in refused)
    seen += [answer.body for answer in refused]
    assert slowest(answers) < LOCK_WAIT_SECONDS + SLACK_SECONDS < LEASE_SECONDS
    _, killed, successor = calls_at(wechat, STABLE)
    assert LEASE_SECONDS - SLACK_SECONDS < successor - killed < LEASE_SECONDS + 2 * SLACK_SECONDS


@pytest.mark.parametrize("store_url", ["redis"], indirect=True)
def test_a_holder_that_stood_still_past_its_lease_does_not_replace_the_newer_token(
    wechat: MockWeChat, store_url: str, tmp_path: Path
) -> None:
    with two_nodes(wechat, store_url, tmp_path, WECHAT_TOKEN_MODE="classic") as nodes:
        nodes[0].server.get("/api/access_token")
        for node in nodes:
            node.uplink.hold(CLASSIC)
        make_stale(store_url, MINI, "access_token")
        holder, other = holder_first(nodes)
        worker = holder.worker
        eventually(lambda: is_at_rest(worker), "the holder waits for the answer")
        os.kill(worker, signal.SIGSTOP)
        try:
            other.uplink.release()  # the holder's answer stays where it is
            eventually(lambda: len(wechat.calls(CLASSIC)) == 3, "the next one fetches when the lease is over")
            newer = token_of(store_url, generation=2)
            holder.uplink.release()
            eventually(lambda: holder.uplink.unread, "WeChat's answer to the holder has arrived")
        finally:
            os.kill(worker, signal.SIGCONT)
        # For WeChat the last one asked counts, and the holder cannot know who that was: one more look settles it.
        eventually(lambda: len(wechat.calls(CLASSIC)) == 4, "the stored one is looked at again")
        last = token_of(store_url, generation=4)
        for node in nodes:
            assert node.server.get("/api/access_token").json()["access_token"] == last
            assert node.server.post("/api/moderation/text", json={"content": "hello"}).json()["suggest"] == "pass"
    issued = [call.issued.generation for call in wechat.calls(CLASSIC) if call.issued]
    assert issued == [1, 2, 3, 4]
    assert [call.client for call in wechat.calls(CLASSIC)][1:3] == [holder.uplink.address, other.uplink.address]
    assert newer != last
    assert [call.used.generation for call in wechat.calls(CHECK) if call.used] == [4, 4]
    wechat.assert_no_dead_token_used()
