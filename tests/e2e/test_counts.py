"""How often WeChat is asked: counted at the mock, with eight processes and either store."""

import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.e2e.callers import call, check, sign, statuses
from tests.e2e.conftest import Seen
from tests.e2e.nodes import workers
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import CHECK, CLASSIC, RISKY, STABLE, TICKET, UNHURRIED, Uplink


@contextmanager
def eight(
    folder: Path, environment: dict[str, str], store_url: str, *, granian: bool = False, **settings: str
) -> Iterator[Server]:
    """A server of eight processes, once all of them serve."""
    environment = {**environment, **UNHURRIED, "WECHAT_STORE_URL": store_url, **settings}
    with serving(folder, environment, "--workers", "8", granian=granian) as server:
        eventually(lambda: workers(server) == 8, "all processes serve")
        yield server


def fetched(wechat: MockWeChat, path: str) -> Counter[str | None]:
    """The number of fetches of each account."""
    return Counter(call.appid for call in wechat.calls(path))


@pytest.mark.parametrize(
    ("store_url", "granian"), [("sqlite", False), ("redis", False), ("sqlite", True)], indirect=["store_url"]
)
def test_cold_start_and_revocation_cost_one_fetch_in_eight_processes(
    wechat: MockWeChat, store_url: str, granian: bool, seen: Seen, tmp_path: Path
) -> None:
    with Uplink(wechat) as uplink, ThreadPoolExecutor(1) as background:
        uplink.hold(STABLE)
        with eight(tmp_path, uplink.environment, store_url, granian=granian) as server:
            calls = background.submit(call, [sign(server), check(server)] * 32, at_once=64)
            eventually(lambda: sum(server.connections().values()) == 64, "all callers wait")
            assert len(server.connections()) > 1, "they wait in several processes"
            uplink.release()
            answers = calls.result()
            seen += [answer.body for answer in answers]
            seen.append(server.get("/metrics").content)
            assert statuses(answers) == {200}
            assert fetched(wechat, STABLE) == {OFFICIAL.appid: 1, MINI.appid: 1}
            assert fetched(wechat, TICKET) == {OFFICIAL.appid: 1}
            signed = answers[0].json()
            assert wechat.verify(signed, signed["url"]) == {"valid": True}
            assert_one_refetch(server, wechat, STABLE, "stable_token")


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_revocation_of_a_classic_token_amid_800_checks_is_one_refetch(
    wechat: MockWeChat, store_url: str, tmp_path: Path
) -> None:
    with eight(tmp_path, wechat.environment, store_url, WECHAT_TOKEN_MODE="classic") as server:
        assert statuses(call([check(server)])) == {200}
        assert_one_refetch(server, wechat, CLASSIC, "access_token")


def assert_one_refetch(server: Server, wechat: MockWeChat, path: str, credential: str) -> None:
    """800 checks, 32 at a time; in their middle the token is revoked. None fails."""
    before, fetched_before = len(wechat.calls(CHECK)), fetched(wechat, path)[MINI.appid]
    with ThreadPoolExecutor(1) as background:
        calls = background.submit(call, [check(server), check(server, RISKY)] * 400, at_once=32)
        eventually(lambda: len(wechat.calls(CHECK)) >= before + 400, "half of them are made")
        wechat.revoke(MINI.appid, credential)
        answers = calls.result()
    assert statuses(answers) == {200}
    assert {answer.json()["suggest"] for answer in answers[0::2]} == {"pass"}
    assert {answer.json()["suggest"] for answer in answers[1::2]} == {"risky"}
    refused = sum(call.errcode == 40001 for call in wechat.calls(CHECK))
    assert refused > 0
    assert len(wechat.calls(CHECK)) == before + 800 + refused
    assert fetched(wechat, path)[MINI.appid] == fetched_before + 1


def test_api_that_always_refuses_the_token_costs_few_fetches(
    wechat: MockWeChat, store_url: str, seen: Seen, tmp_path: Path
) -> None:
    wechat.fail(CHECK, 40001, times=None)
    with eight(tmp_path, wechat.environment, store_url) as server:
        began = time.monotonic()
        answers = call([check(server)] * 1000, at_once=32)
        took = time.monotonic() - began
        seen += [answer.body for answer in answers]
    assert statuses(answers) == {502}
    assert {answer.json()["errcode"] for answer in answers} == {40001}
    assert {answer.json()["type"] for answer in answers} == {"/problems/wechat-token-refused"}
    assert all(answer.json()["hint"].keys() == {"en", "zh"} for answer in answers)
    # The first one; three for refusals at once, and one more every 20 s: in a minute 6 at most.
    assert 1 + 3 <= fetched(wechat, STABLE)[MINI.appid] <= 1 + 3 + took // 20


def test_checks_that_wait_for_wechat_leave_threads_for_other_requests(wechat: MockWeChat, tmp_path: Path) -> None:
    with (
        Uplink(wechat) as uplink,
        serving(tmp_path, {**uplink.environment, **UNHURRIED}, "--workers", "1", "--threads", "12") as server,
        ThreadPoolExecutor(1) as background,
    ):
        assert statuses(call([check(server)])) == {200}  # the token is there
        uplink.hold(CHECK)
        calls = background.submit(call, [check(server, f"text {number}") for number in range(30)])
        eventually(lambda: uplink.waiting == 9, "three quarters of the threads wait for WeChat")
        assert statuses(call([sign(server)])) == {200}
        assert server.get("/healthz").ok
        assert uplink.waiting == 9
        uplink.release()
        answers = [answer.status for answer in calls.result()]
    assert set(answers) == {200, 503}
    assert answers.count(200) >= 9
