"""WeChat is away, slow or unwilling: with a valid credential nobody notices, without one everybody is told in time."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests

from mock_wechat import MockWeChat
from tests.e2e.callers import Ask, Callers, slowest, statuses
from tests.e2e.leaks import Seen, assert_no_secret_in
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.stored import make_stale
from tests.e2e.uplink import Uplink

OFFICIAL = "wx0000000000000001"
STABLE = "/cgi-bin/stable_token"
EVERYTHING = "/cgi-bin/*"

FETCH_SECONDS = 5.0
"""what a fetch may take where a credential is valid"""


@pytest.fixture(scope="module")
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


def signature(server: Server) -> Ask:
    return Ask(f"{server.url}/api/jssdk/signature?url={quote(server.url, safe='')}%2F")


def official(environment: dict[str, str]) -> dict[str, str]:
    """The environment without the mini program."""
    return {name: value for name, value in environment.items() if "MINI" not in name and "PUSH" not in name}


@pytest.mark.parametrize("store_url", ["sqlite"], indirect=True)
def test_without_a_credential_a_hanging_wechat_is_asked_now_and_then_and_200_callers_get_503_in_time(
    callers: Callers, store_url: str, seen: Seen, tmp_path: Path
) -> None:
    seconds, answer_seconds, lock_wait, crowd_wait, slack = 6.0, 0.7, 0.5, 0.3, 4.0
    pauses = (0.5, 1.0)
    environment = {
        "WECHAT_STORE_URL": store_url,
        "WECHAT_READ_TIMEOUT_SECONDS": f"{answer_seconds:g}",
        "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": f"{answer_seconds:g}",
        "WECHAT_TIMING__LEASE_SECONDS": "2",
        "WECHAT_TIMING__LOCK_WAIT_SECONDS": f"{lock_wait:g}",
        "WECHAT_TIMING__UNLIMITED_WAIT_SECONDS": f"{crowd_wait:g}",
        "WECHAT_TIMING__EXPIRED_COOLDOWN_SECONDS": ",".join(map(str, pauses)),
    }
    with MockWeChat() as wechat, Uplink(wechat) as uplink:
        uplink.hold(EVERYTHING)
        began = time.monotonic()
        with serving(tmp_path, {**official(uplink.environment), **environment}) as server:
            asks = [signature(server), Ask(f"{server.url}/api/access_token")] * 100
            health = Ask(f"{server.url}/healthz")
            answers = callers.start([*asks, health], seconds=seconds, pause=1).answers()
            fetches = wechat.calls()
            took = time.monotonic() - began
        seen += [answer.body for answer in answers]
    of_health = [answer for answer in answers if answer.ask == health]
    of_callers = [answer for answer in answers if answer.ask != health]
    assert statuses(of_callers) == {503}
    assert all(1 <= int(answer.retry_after or 0) <= 3 for answer in of_callers)
    assert slowest(of_callers) < crowd_wait + lock_wait + slack
    assert statuses(of_health) == {200}
    assert len(of_health) >= 2
    assert slowest(of_health) < crowd_wait + slack
    assert {call.path for call in fetches} == {STABLE}
    assert len(fetches) >= 3
    # An attempt takes `answer_seconds`, all that a fetch may take, and the next one comes after its pause: at 0, 1.2,
    # 2.9, 4.6 and 6.3 s, whoever calls. On a busy machine they come later, and for the mock perhaps all at once: so
    # what counts is that there was time for all of them.
    apart = [answer_seconds + pause for pause in (*pauses, *[pauses[-1]] * len(fetches))]
    assert sum(apart[: len(fetches) - 1]) < took, [call.at for call in fetches]


@dataclass(frozen=True)
class Healthy:
    """A server with valid credentials, and its way to WeChat."""

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
        """Those that there are."""
        return {one["state"] for one in self._account()["credentials"]}

    def _account(self) -> Any:
        answer = self.server.get("/readyz", account="default")
        self.seen.append(answer.content)
        (account,) = answer.json()["accounts"]
        return account


@pytest.fixture(scope="module")
def healthy(wechat: MockWeChat, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Healthy]:
    folder = tmp_path_factory.mktemp("healthy")
    store_url = f"sqlite:///{folder}/credentials.db"
    soon = {
        "WECHAT_READ_TIMEOUT_SECONDS": f"{FETCH_SECONDS:g}",
        "WECHAT_TIMING__FETCH_DEADLINE_SECONDS": f"{FETCH_SECONDS:g}",
        "WECHAT_TIMING__LEASE_SECONDS": f"{FETCH_SECONDS + 1:g}",
        "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.4",
        "WECHAT_TIMING__STALE_COOLDOWN_SECONDS": "0.5",
        "WECHAT_TIMING__ADDRESS_COOLDOWN_SECONDS": "0.5",
        "WECHAT_TIMING__QUOTA_COOLDOWN_SECONDS": "0.5",
    }
    with Uplink(wechat) as uplink:
        environment = {**official(uplink.environment), **soon, "WECHAT_STORE_URL": store_url}
        with serving(folder, environment) as server:
            healthy = Healthy(server, uplink, store_url, [])
            eventually(lambda: healthy.states == {"fresh"}, "all is well")
            yield healthy
        assert_no_secret_in([*healthy.seen, server.log.read_bytes()], [wechat])


TROUBLES: dict[str, Callable[[MockWeChat, Uplink], None]] = {
    "down": lambda _, uplink: uplink.cut(),
    "slow": lambda _, uplink: uplink.hold(EVERYTHING),
    "busy": lambda wechat, _: wechat.fail(EVERYTHING, -1, times=None),
    "address": lambda wechat, _: wechat.fail(EVERYTHING, 40164, times=None),
    "garbage": lambda wechat, _: wechat.fail(EVERYTHING, times=None, body="<html>系统繁忙</html>"),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_while_the_credential_is_valid_no_trouble_of_wechat_makes_a_caller_fail_or_wait(
    trouble: str, healthy: Healthy, wechat: MockWeChat, callers: Callers
) -> None:
    server = healthy.server
    TROUBLES[trouble](wechat, healthy.uplink)
    for credential in ("access_token", "jsapi_ticket"):
        make_stale(healthy.store_url, OFFICIAL, credential)
    doors = [Ask(f"{server.url}/api/access_token"), Ask(f"{server.url}/api/jsapi_ticket"), signature(server)]
    run = callers.start(doors * 40, together=8)
    for credential in ("access_token", "jsapi_ticket"):
        eventually(partial(healthy.is_in_cooldown, credential), f"it was tried to refresh the {credential}")
    answers = [*run.answers(), *callers.call(doors * 40, together=8)]
    assert statuses(answers) == {200}
    assert healthy.states == {"stale"}
    signed = [answer.json() for answer in answers if answer.ask == doors[2]]
    assert wechat.verify(signed[-1], signed[-1]["url"]) == {"valid": True}
    healthy.seen.extend(answer.body for answer in answers if answer.ask == doors[2])

    requests.delete(f"{wechat.url}/_mock/faults", timeout=10)
    healthy.uplink.release()
    if trouble == "down":
        healthy.uplink.mend()
    eventually(lambda: healthy.states == {"fresh"}, "it is refreshed after all")
