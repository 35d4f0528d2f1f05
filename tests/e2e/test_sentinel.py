"""Two nodes on a Redis with sentinels, whose primary is killed under load."""

import json
from pathlib import Path

from mock_wechat import MINI, MockWeChat
from tests.e2e.callers import Ask, call, calling, check, sign, statuses
from tests.e2e.nodes import (
    CREDENTIALS,
    FAILS,
    TOKEN,
    WORKS,
    all_fresh,
    assert_agreement,
    details,
    end_faults,
    every_worker_logged,
    fetches,
    is_ready,
    make_stale,
    node,
    refuse_fetches,
)
from tests.e2e.servers import Server, eventually
from tests.sentinels import NAME, OF_SENTINELS, PASSWORD, running_sentinels

_CALLERS = 12
_PAUSE_SECONDS = 0.19
"""about 60 requests a second: 50 signatures, 5 text checks, and 5 media checks, which need the store"""


def check_media(server: Server, openid: str) -> Ask:
    """The request of a mini program's backend."""
    asked = {"media_url": "https://example.com/a.png", "media_type": 2, "openid": openid, "scene": 1}
    return Ask(f"{server.url}/api/moderation/media", asked)


def test_primary_is_killed_under_load(wechat: MockWeChat, tmp_path: Path) -> None:
    push = {"WECHAT_MINI_PUSH_TOKEN": "pushtoken", "WECHAT_REDIS_TIMEOUT_SECONDS": "1"}
    with running_sentinels(tmp_path / "redis") as sentinels:
        settings = push | {"WECHAT_STORE_URL": sentinels.url}
        with (
            node(tmp_path / "one", wechat.environment, settings) as one,
            node(tmp_path / "two", wechat.environment, settings) as two,
        ):
            nodes, openid = (one, two), wechat.openid(MINI.appid)
            media = [check_media(server, openid) for server in nodes]
            asks = [*[sign(one), sign(two)] * 5, check(one), check(two), *[sign(two), sign(one)] * 5, *media]
            assert statuses(call(asks)) == {200, 202}
            eventually(lambda: is_ready(*nodes), "every worker has read every credential")
            with calling(*asks, callers=_CALLERS, pause_seconds=_PAUSE_SECONDS) as load:
                load.go_on()
                refuse_fetches(wechat)
                make_stale(sentinels.url, TOKEN)
                sentinels.kill_primary()
                load.go_on_until(every_worker_logged(*nodes, text=FAILS), "all workers miss the primary")
                assert all(details(server)["store"].startswith(f"Redis: {NAME} at 127.0.0.1:") for server in nodes)
                end_faults(wechat)
                before = fetches(wechat)
                sentinels.fail_over()
                eventually(every_worker_logged(*nodes, text=WORKS), "all workers reach the new primary")
                eventually(lambda: is_ready(*nodes), "both nodes are ready")
                load.go_on(1)  # requests that were under way have been answered
                failed_until_then = len(load.failed)
                eventually(lambda: all_fresh(*nodes), "the stale token is replaced")
                load.go_on()
            assert fetches(wechat) == before + 1
            assert {answer.ask for answer in load.failed} <= set(media)
            assert {(answer.status, json.loads(answer.body)["type"]) for answer in load.failed} == {
                (503, "/problems/store-unavailable")
            }
            assert len(load.failed) == failed_until_then
            assert len(sentinels.replica.keys("wechat:credential:*")) == len(CREDENTIALS)
            assert_agreement(*nodes)
            logs = "".join(server.log.read_text() for server in nodes)
            assert PASSWORD not in logs
            assert OF_SENTINELS not in logs
