"""How often WeChat is asked: counted at the mock, with eight gunicorn processes and either store."""

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from mock_wechat import MockWeChat
from tests.e2e.callers import Ask, Callers, slowest, statuses
from tests.e2e.leaks import Seen
from tests.e2e.nodes import workers
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import UNHURRIED, Uplink

OFFICIAL = "wx0000000000000001"
MINI = "wx0000000000000002"
STABLE = "/cgi-bin/stable_token"
CLASSIC = "/cgi-bin/token"
TICKET = "/cgi-bin/ticket/getticket"
CHECK = "/wxa/msg_sec_check"
RISKY = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"
"""WeChat's own example of a text that is not let through"""

EIGHT = ("--workers", "8")


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


def fetches(wechat: MockWeChat, path: str, appid: str) -> int:
    return sum(call.appid == appid for call in wechat.calls(path))


def signature(server: Server) -> Ask:
    return Ask(f"{server.url}/api/jssdk/signature?url={quote(server.url, safe='')}%2F")


def check(server: Server, content: str) -> Ask:
    return Ask(f"{server.url}/api/moderation/text", {"content": content})


def crowded(server: Server) -> int:
    """In how many processes callers wait."""
    return sum(len(list(Path(f"/proc/{worker}/task").iterdir())) > 4 for worker in server.workers())


def test_a_cold_start_of_eight_processes_is_one_token_fetch_for_each_account_and_one_ticket_fetch(
    wechat: MockWeChat, callers: Callers, store_url: str, seen: Seen, tmp_path: Path
) -> None:
    with Uplink(wechat) as uplink:
        uplink.hold(STABLE)
        environment = {**uplink.environment, **UNHURRIED, "WECHAT_STORE_URL": store_url}
        with serving(tmp_path, environment, *EIGHT) as server:
            eventually(lambda: workers(server) == 8, "all processes serve")
            run = callers.start([signature(server), check(server, "hello")] * 32, together=64)
            # Each request that waits has a thread of its own, beside those that a process has anyway.
            eventually(lambda: crowded(server) >= 3, "callers wait in several processes")
            uplink.release()
            answers = run.answers()
            seen += [answer.body for answer in answers]
            seen.append(server.get("/metrics").content)
        assert statuses(answers) == {200}
        assert fetches(wechat, STABLE, OFFICIAL) == 1
        assert fetches(wechat, STABLE, MINI) == 1
        assert fetches(wechat, TICKET, OFFICIAL) == 1
        signed = [answer.json() for answer in answers if "signature" in answer.json()]
        assert len(signed) == 32
        assert wechat.verify(signed[-1], signed[-1]["url"]) == {"valid": True}


@pytest.mark.parametrize("mode", ["classic", "stable"])
def test_a_token_killed_from_outside_in_the_middle_of_800_calls_is_one_refetch_and_no_failed_call(
    mode: str, wechat: MockWeChat, callers: Callers, store_url: str, seen: Seen, tmp_path: Path
) -> None:
    path, credential = {"classic": (CLASSIC, "access_token"), "stable": (STABLE, "stable_token")}[mode]
    environment = {**wechat.environment, **UNHURRIED, "WECHAT_STORE_URL": store_url, "WECHAT_TOKEN_MODE": mode}
    with serving(tmp_path, environment, *EIGHT) as server:
        eventually(lambda: workers(server) == 8, "all processes serve")
        run = callers.start([check(server, "hello"), check(server, RISKY)] * 400, together=32)
        eventually(lambda: len(wechat.calls(CHECK)) >= 400, "half are done")
        wechat.revoke(MINI, credential)
        answers = run.answers()
        seen += [answer.body for answer in answers]
    assert len(answers) == 800
    assert statuses(answers) == {200}
    verdicts = Counter((answer.ask, answer.json()["suggest"]) for answer in answers)
    assert verdicts == {(check(server, "hello"), "pass"): 400, (check(server, RISKY), "risky"): 400}
    refused = sum(call.errcode == 40001 for call in wechat.calls(CHECK))
    assert refused > 0
    assert len(wechat.calls(CHECK)) == 800 + refused
    assert fetches(wechat, path, MINI) == 2


def test_an_api_that_always_refuses_the_token_costs_few_fetches_and_every_caller_is_told_why(
    wechat: MockWeChat, callers: Callers, store_url: str, seen: Seen, tmp_path: Path
) -> None:
    wechat.fail(CHECK, 40001, times=None)
    environment = {**wechat.environment, **UNHURRIED, "WECHAT_STORE_URL": store_url}
    with serving(tmp_path, environment, *EIGHT) as server:
        eventually(lambda: workers(server) == 8, "all processes serve")
        began = time.monotonic()
        answers = callers.call([check(server, "hello")] * 1000, together=32)
        took = time.monotonic() - began
        seen += [answer.body for answer in answers]
    assert statuses(answers) == {502}
    assert {answer.json()["errcode"] for answer in answers} == {40001}
    assert {answer.json()["type"] for answer in answers} == {"/problems/wechat-token-refused"}
    assert all(answer.json()["hint"].keys() == {"en", "zh"} for answer in answers)
    # The first one; three for refusals at once, and one more every 20 s. In a minute that is less than 1 + 3 + 3.
    assert 1 + 3 <= fetches(wechat, STABLE, MINI) <= 1 + 3 + took // 20
    assert slowest(answers) < 30
