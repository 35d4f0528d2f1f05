"""WeChat is down, slow or refuses: a valid credential is served on, without one callers get 503."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mock_wechat import MockWeChat
from tests.e2e.callers import Ask, call, calling, sign, statuses, token
from tests.e2e.conftest import Seen, assert_no_secret_in
from tests.e2e.nodes import TICKET_KEY, TOKEN, end_faults, make_stale
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import STABLE, Uplink
from tests.redis_server import running_redis

EVERYTHING = "/cgi-bin/*"


def official(environment: dict[str, str]) -> dict[str, str]:
    """The environment without the mini program."""
    return {name: value for name, value in environment.items() if "MINI" not in name and "PUSH" not in name}


def test_hanging_wechat_gets_few_calls_and_200_callers_get_503(wechat: MockWeChat, seen: Seen, tmp_path: Path) -> None:
    short = {
        "WECHAT_READ_TIMEOUT_SECONDS": "1",
        "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "1",
        "WECHAT_TIMING__LEASE_SECONDS": "2",
        "WECHAT_TIMING__LOCK_WAIT_SECONDS": "0.5",
        "WECHAT_TIMING__UNLIMITED_WAIT_SECONDS": "0.3",
        "WECHAT_TIMING__EXPIRED_COOLDOWN_SECONDS": "0.5,600",
    }
    with Uplink(wechat) as uplink, ThreadPoolExecutor(1) as background:
        uplink.hold(EVERYTHING)
        with serving(tmp_path, {**official(uplink.environment), **short}) as server:
            calls = background.submit(call, [sign(server), token(server)] * 100)
            eventually(lambda: uplink.waiting, "WeChat is asked")
            assert server.get("/healthz").ok  # while threads wait
            answers = calls.result()
            eventually(lambda: len(wechat.calls()) == 2, "WeChat is asked again after the first cooldown")
            answers += call([sign(server), token(server)] * 100)
        seen += [answer.body for answer in answers]
    assert statuses(answers) == {503}
    assert all(int(answer.retry_after or 0) >= 1 for answer in answers)
    assert [call.path for call in wechat.calls()] == [STABLE] * 2  # the second cooldown is long


@dataclass(frozen=True)
class Healthy:
    """A server with valid credentials, and its connection to WeChat."""

    server: Server
    uplink: Uplink
    store_url: str
    seen: Seen
    """answers that may hold no secret"""

    def is_in_cooldown(self, credential: str) -> bool:
        """Whether its last refresh failed."""
        return credential in {one["credential"] for one in self._account()["cooldowns"]}

    @property
    def states(self) -> set[str]:
        """Of all credentials."""
        return {one["state"] for one in self._account()["credentials"]}

    def _account(self) -> Any:
        answer = self.server.get("/readyz", account="default")
        self.seen.append(answer.content)
        (account,) = answer.json()["accounts"]
        return account


@pytest.fixture(scope="module")
def wechat_of_all() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


@pytest.fixture(scope="module", params=["sqlite", "redis"])
def shared_store(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of an empty store of each kind that several processes can share."""
    folder = tmp_path_factory.mktemp("store")
    if request.param == "sqlite":
        yield f"sqlite:///{folder}/credentials.db"
        return
    with running_redis(folder) as server:
        yield server.url


@pytest.fixture(scope="module")
def healthy(
    wechat_of_all: MockWeChat, shared_store: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Healthy]:
    folder, store_url = tmp_path_factory.mktemp("healthy"), shared_store
    short = {
        "WECHAT_READ_TIMEOUT_SECONDS": "2",
        "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "2",
        "WECHAT_TIMING__LEASE_SECONDS": "3",
        "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.3",
        "WECHAT_TIMING__STALE_COOLDOWN_SECONDS": "0.5",
        "WECHAT_TIMING__ADDRESS_COOLDOWN_SECONDS": "0.5",
        "WECHAT_TIMING__QUOTA_COOLDOWN_SECONDS": "0.5",
    }
    with Uplink(wechat_of_all) as uplink:
        environment = {**official(uplink.environment), **short, "WECHAT_STORE_URL": store_url}
        with serving(folder, environment) as server:
            healthy = Healthy(server, uplink, store_url, [])
            eventually(lambda: healthy.states == {"fresh"}, "all is well")
            yield healthy
        assert_no_secret_in([*healthy.seen, server.log.read_bytes()], [wechat_of_all])


TROUBLES: dict[str, Callable[[MockWeChat, Uplink], None]] = {
    "down": lambda _, uplink: uplink.cut(),
    "slow": lambda _, uplink: uplink.hold(EVERYTHING),
    "busy": lambda wechat, _: wechat.fail(EVERYTHING, -1, times=None),
    "address": lambda wechat, _: wechat.fail(EVERYTHING, 40164, times=None),
    "garbage": lambda wechat, _: wechat.fail(EVERYTHING, times=None, body="<html>系统繁忙</html>"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_with_a_valid_credential_no_trouble_of_wechat_fails_a_call(
    trouble: str, healthy: Healthy, wechat_of_all: MockWeChat
) -> None:
    server = healthy.server
    TROUBLES[trouble](wechat_of_all, healthy.uplink)
    make_stale(healthy.store_url, TOKEN, TICKET_KEY)
    with calling(token(server), Ask(f"{server.url}/api/jsapi_ticket"), sign(server)) as load:
        for credential in ("access_token", "jsapi_ticket"):
            eventually(partial(healthy.is_in_cooldown, credential), f"the refresh of the {credential} fails")
        load.go_on(6)
    assert load.failed == []
    assert healthy.states == {"stale"}
    signed = [answer for answer in load.answers if answer.ask == sign(server)]
    assert wechat_of_all.verify(signed[-1].json(), signed[-1].json()["url"]) == {"valid": True}
    healthy.seen.extend(answer.body for answer in signed)

    end_faults(wechat_of_all)
    healthy.uplink.release()
    if trouble == "down":
        healthy.uplink.mend()
    eventually(lambda: healthy.states == {"fresh"}, "it is refreshed after all")
