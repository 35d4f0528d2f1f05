"""A media check on three servers: submitted at one, its verdict pushed to another, read at a third."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import requests

from mock_wechat import MINI, MockWeChat
from mock_wechat.state.accounts import DEFAULT_AES_KEY, DEFAULT_TOKEN
from tests.e2e.conftest import DEMO_KEY, Demo
from tests.e2e.servers import Server, eventually, serving
from tests.redis_server import RedisServer

ENDPOINT = "/api/moderation/media"
SETTINGS = {"WECHAT_PUSH_TOKEN": DEFAULT_TOKEN, "WECHAT_PRIVATE_MEDIA": "allow"}


@contextmanager
def three(folder: Path, wechat: MockWeChat, store_url: str, settings: Mapping[str, str]) -> Iterator[list[Server]]:
    """Three servers with one store, of one worker each: they share no memory."""
    with ExitStack() as servers:
        started = []
        for name in ("a", "b", "c"):
            (folder / name).mkdir()
            environment = {**wechat.environment, **SETTINGS, "WECHAT_STORE_URL": store_url, **settings}
            started.append(servers.enter_context(serving(folder / name, environment, "--workers", "1")))
        yield started


def submit(server: Server, wechat: MockWeChat, file: str = "/static/red.png") -> str:
    asked = {"media_url": server.url + file, "media_type": 2, "openid": wechat.openid(MINI.appid), "scene": 1}
    answer = server.post(ENDPOINT, json=asked)
    assert answer.status_code == 202, answer.text
    return str(answer.json()["trace_id"])


def progress(server: Server, trace_id: str) -> dict[str, Any]:
    answer = server.get(f"{ENDPOINT}/{trace_id}")
    assert answer.ok, answer.text
    found: dict[str, Any] = answer.json()
    return found


def has_timed_out(server: Server, trace_id: str) -> bool:
    return bool(progress(server, trace_id)["status"] == "timeout")


def push(wechat: MockWeChat, server: Server, trace_id: str, **how: str) -> list[tuple[str, int | None]]:
    sent = wechat.push.deliver(trace_id, url=f"{server.url}/api/push/mini", **how)
    return [(one.outcome, one.status) for one in sent]


def assert_round_trip(servers: list[Server], wechat: MockWeChat, **how: str) -> None:
    first, second, third = servers
    trace_id = submit(first, wechat)
    assert progress(third, trace_id) == {"trace_id": trace_id, "status": "pending"}
    assert push(wechat, second, trace_id, **how) == [("accepted", 200)]
    now = progress(third, trace_id)
    assert (now["status"], now["verdict"]["suggest"], now["verdict"]["label_name"]) == ("done", "risky", "porn")


def assert_message_is_transferred(server: Server, wechat: MockWeChat, **how: str) -> None:
    said = wechat.message(MINI.appid, content="在吗", url=f"{server.url}/api/push/mini", **how)
    assert (said.problem, (said.reply or {}).get("MsgType")) == (None, "transfer_customer_service")


def test_verdict_pushed_to_one_server_is_known_to_all(wechat: MockWeChat, tmp_path: Path) -> None:
    """In every mode and format; what a user writes is transferred to customer service."""
    store_url = f"sqlite:///{tmp_path}/shared.db"
    with three(tmp_path, wechat, store_url, {"WECHAT_PUSH_AES_KEY": DEFAULT_AES_KEY}) as servers:
        for mode in ("secure", "compat"):
            for form in ("json", "xml"):
                assert_round_trip(servers, wechat, mode=mode, format=form)
                assert_message_is_transferred(servers[0], wechat, mode=mode, format=form)
        blue = submit(servers[0], wechat)
        assert push(wechat, servers[1], blue, mode="plain")[-1] == ("refused", 403)
        assert progress(servers[2], blue)["status"] == "pending"
        logs = "".join(server.log.read_text() for server in servers)
    assert "/api/push/mini" in logs
    for secret in (DEFAULT_TOKEN, DEFAULT_AES_KEY, wechat.openid(MINI.appid), "msg_signature"):
        assert secret not in logs


def test_duplicate_forged_lost_late_and_failed_verdicts(
    wechat: MockWeChat, redis_server: RedisServer, tmp_path: Path
) -> None:
    with three(tmp_path, wechat, redis_server.url, {"WECHAT_TIMING__MEDIA_TIMEOUT_SECONDS": "2"}) as servers:
        first, second, third = servers
        wechat.push.fail(copies=3)
        duplicate = submit(first, wechat)
        assert push(wechat, second, duplicate) == [("accepted", 200)] * 3
        assert progress(third, duplicate)["status"] == "done"

        wechat.push.fail(wrong_signature=True)
        forged = submit(first, wechat)
        assert set(push(wechat, second, forged)) == {("refused", 403)}

        wechat.push.fail(lose=True)
        lost, late = submit(first, wechat), submit(first, wechat)
        assert push(wechat, second, lost) == [("lost", None)]
        for trace_id in (forged, lost, late):
            eventually(partial(has_timed_out, third, trace_id), "the timeout")
        assert push(wechat, second, late) == [("accepted", 200)]
        assert progress(third, late)["status"] == "done"

        missing = submit(first, wechat, "/static/no-such-file.png")
        push(wechat, second, missing)
        now = progress(third, missing)
        assert (now["status"], now["errcode"]) == ("failed", -1008)


def test_demo_pushes_the_verdict_by_itself(demo: Demo) -> None:
    headers = {"Authorization": f"Bearer {DEMO_KEY}"}
    asked = {
        "media_url": f"{demo.home}static/red.png",
        "media_type": 2,
        "openid": "o-SfqYy-k0DurzOt87NQ_J8ZO1ZM",
        "scene": 1,
    }
    answer = requests.post(f"{demo.home}api/moderation/media", json=asked, headers=headers, timeout=10)
    assert answer.status_code == 202, answer.text
    path = f"{demo.home}api/moderation/media/{answer.json()['trace_id']}"
    eventually(lambda: requests.get(path, headers=headers, timeout=10).json()["status"] == "done", "the verdict")
    assert requests.get(path, headers=headers, timeout=10).json()["verdict"]["suggest"] == "risky"
