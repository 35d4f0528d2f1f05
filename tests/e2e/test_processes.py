"""The server as it is deployed: gunicorn with several workers, one SQLite file, WeChat over the wire."""

import random
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from urllib.parse import quote

import pytest
from PIL import Image

from mock_wechat import MockWeChat
from tests.e2e.servers import KEY, eventually, serving
from tests.e2e.uplink import UNHURRIED, Uplink

MINI = "wx0000000000000002"
TOKEN = "/cgi-bin/stable_token"
CHECK = "/wxa/msg_sec_check"


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


def fetches(wechat: MockWeChat, path: str, appid: str) -> int:
    """How often the credential of this account was fetched."""
    return sum(call.appid == appid for call in wechat.calls(path))


def noise(pixels: int) -> bytes:
    """A PNG that does not compress: about three bytes a pixel."""
    generator = random.Random(7)  # noqa: S311 -- repeatable
    image = Image.frombytes("RGB", (pixels, pixels), generator.randbytes(pixels * pixels * 3))
    file = BytesIO()
    image.save(file, "PNG")
    return file.getvalue()


def test_an_image_arrives_whole_both_times_when_its_token_was_revoked(wechat: MockWeChat, tmp_path: Path) -> None:
    image = noise(410)
    assert len(image) > 500_000
    with serving(tmp_path, wechat.environment) as server:
        server.post("/api/moderation/text", json={"content": "hello"})
        wechat.revoke(MINI, "stable_token")
        verdict = server.post("/api/moderation/image", files={"media": ("photo.png", image)})
        assert verdict.json()["suggest"] == "pass"
        assert verdict.json()["checked"] is True
    first, second = wechat.calls("/wxa/img_sec_check")
    assert (first.errcode, second.errcode) == (40001, 0)
    assert first.body_length == second.body_length > len(image)
    assert "unchecked" not in second.notes
    assert fetches(wechat, TOKEN, MINI) == 2


def test_health_answers_while_every_thread_could_be_waiting(wechat: MockWeChat, tmp_path: Path) -> None:
    wechat.fail(TOKEN, times=None, delay_seconds=20, errcode=-1)
    short = {"WECHAT_READ_TIMEOUT_SECONDS": "1", "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "3"}
    with serving(tmp_path, {**wechat.environment, **short}, "--workers", "1", "--threads", "8") as server:
        with ThreadPoolExecutor(24) as callers:
            waiting = [callers.submit(server.get, "/api/access_token") for _ in range(24)]
            eventually(lambda: len(wechat.calls(TOKEN)) > 0, "somebody fetches")
            assert server.get("/healthz").ok
            assert server.get("/readyz").ok
            answers = [future.result() for future in waiting]
        assert {answer.status_code for answer in answers} == {503}
        assert all(int(answer.headers["Retry-After"]) >= 1 for answer in answers)
    assert len(wechat.calls(TOKEN)) <= 9  # three fetches of up to three attempts


def test_checks_that_wait_for_wechat_leave_threads_for_other_requests(wechat: MockWeChat, tmp_path: Path) -> None:
    with (
        Uplink(wechat) as uplink,
        serving(tmp_path, {**uplink.environment, **UNHURRIED}, "--workers", "1", "--threads", "12") as server,
        ThreadPoolExecutor(30) as callers,
    ):
        uplink.hold(CHECK)
        texts = [{"content": f"text {number}"} for number in range(30)]
        waiting = [callers.submit(server.post, "/api/moderation/text", json=text) for text in texts]
        eventually(lambda: uplink.waiting == 9, "three quarters of the threads wait for WeChat")
        assert server.get("/api/jssdk/signature", url=f"{server.url}/").ok
        assert server.get("/healthz").ok
        assert uplink.waiting == 9
        uplink.release()
        statuses = Counter(call.result().status_code for call in waiting)
    assert statuses.keys() == {200, 503}
    assert statuses[200] >= 9


def test_nothing_that_is_logged_holds_a_secret(wechat: MockWeChat, tmp_path: Path) -> None:
    with serving(tmp_path, wechat.environment) as server:
        token = server.get("/api/access_token").json()["access_token"]
        ticket = server.get("/api/jsapi_ticket").json()["ticket"]
        server.post("/api/access_token/refresh", json={"rejected": token})
        page = quote(f"{server.url}/?code=oauth-code-in-the-query", safe="")
        server.get(f"/api/jssdk/signature?url={page}")
        wechat.fail(CHECK, 40001, times=2)
        server.post("/api/moderation/text", json={"content": "hello"})
        server.get("/api/access_token/%0aforged%20line?x=1")
        log = server.log.read_text()
    assert "/api/jssdk/signature" in log
    assert "e2e" in log  # the key's name
    for secret in (token, ticket, KEY, "mock-official-secret", "mock-mini-secret", "oauth-code-in-the-query"):
        assert secret not in log
    assert "\nforged" not in log
