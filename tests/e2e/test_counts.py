"""How often WeChat is asked: counted at the mock, with eight gunicorn processes and either store."""

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
from tests.e2e.nodes import fetches, workers
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import CHECK, CLASSIC, RISKY, STABLE, TICKET, UNHURRIED, Uplink


@contextmanager
def eight(folder: Path, environment: dict[str, str], store_url: str, **settings: str) -> Iterator[Server]:
    """A server of eight processes, once all of them serve."""
    environment = {**environment, **UNHURRIED, "WECHAT_STORE_URL": store_url, **settings}
    with serving(folder, environment, "--workers", "8") as server:
        eventually(lambda: workers(server) == 8, "all processes serve")
        yield server


def with_waiters(server: Server) -> int:
    """The number of processes in which callers wait: each has a thread, beside those of every process."""
    return sum(len(list(Path(f"/proc/{worker}/task").iterdir())) > 4 for worker in server.workers())


def test_cold_start_of_eight_processes_fetches_each_credential_once(
    wechat: MockWeChat, store_url: str, seen: Seen, tmp_path: Path
) -> None:
    with Uplink(wechat) as uplink, ThreadPoolExecutor(1) as background:
        uplink.hold(STABLE)
        with eight(tmp_path, uplink.environment, store_url) as server:
            calls = background.submit(call, [sign(server), check(server)] * 32, at_once=64)
            eventually(lambda: with_waiters(server) >= 3, "callers wait in several processes")
            uplink.release()
            answers = calls.result()
            seen += [answer.body for answer in answers]
            seen.append(server.get("/metrics").content)
        assert statuses(answers) == {200}
        assert fetches(wechat, STABLE, appid=OFFICIAL.appid) == 1
        assert fetches(wechat, STABLE, appid=MINI.appid) == 1
        assert fetches(wechat, TICKET) == 1
        signed = answers[0].json()
        assert wechat.verify(signed, signed["url"]) == {"valid": True}


@pytest.mark.parametrize(
    ("mode", "path", "credential"), [("classic", CLASSIC, "access_token"), ("stable", STABLE, "stable_token")]
)
def test_token_revoked_amid_800_checks_is_one_refetch_and_no_failed_call(
    mode: str, path: str, credential: str, wechat: MockWeChat, store_url: str, seen: Seen, tmp_path: Path
) -> None:
    with (
        eight(tmp_path, wechat.environment, store_url, WECHAT_TOKEN_MODE=mode) as server,
        ThreadPoolExecutor(1) as background,
    ):
        calls = background.submit(call, [check(server), check(server, RISKY)] * 400, at_once=32)
        eventually(lambda: len(wechat.calls(CHECK)) >= 400, "half of them are made")
        wechat.revoke(MINI.appid, credential)
        answers = calls.result()
        seen += [answer.body for answer in answers]
    assert statuses(answers) == {200}
    assert Counter(answer.json()["suggest"] for answer in answers[0::2]) == {"pass": 400}
    assert Counter(answer.json()["suggest"] for answer in answers[1::2]) == {"risky": 400}
    refused = sum(call.errcode == 40001 for call in wechat.calls(CHECK))
    assert refused > 0
    assert len(wechat.calls(CHECK)) == 800 + refused
    assert fetches(wechat, path, appid=MINI.appid) == 2


def test_api_that_always_refuses_the_token_costs_few_fetches_and_tells_callers_why(
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
    assert 1 + 3 <= fetches(wechat, STABLE, appid=MINI.appid) <= 1 + 3 + took // 20


def test_checks_that_wait_for_wechat_leave_threads_for_other_requests(wechat: MockWeChat, tmp_path: Path) -> None:
    with (
        Uplink(wechat) as uplink,
        serving(tmp_path, {**uplink.environment, **UNHURRIED}, "--workers", "1", "--threads", "12") as server,
        ThreadPoolExecutor(1) as background,
    ):
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
