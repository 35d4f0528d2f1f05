"""Expiry with several processes: gunicorn with four workers, whose clock and WeChat's are moved together."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from mock_wechat import MockWeChat
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import UNHURRIED, Uplink
from tests.redis_server import RedisServer

OFFICIAL = "wx0000000000000001"
MINI = "wx0000000000000002"
TICKET = "/cgi-bin/ticket/getticket"
STABLE = "/cgi-bin/stable_token"
CLASSIC = "/cgi-bin/token"
CALLERS = 64

INTO_STALE = 6950.0
"""Seconds: a token fetched before is STALE now, in both modes, and has 250 s left for a slow test."""
BEYOND_THE_END = 7200.0 + 3600.0


@dataclass
class Clocks:
    """WeChat's, Redis's and the server's."""

    mock: MockWeChat
    file: Path
    redis: RedisServer | None
    offset: float = 0.0

    def advance(self, seconds: float) -> None:
        """Move all of them, the server's last and for all workers at once.

        The other way round a worker could ask for a successor while WeChat still thinks that there is no need of one.
        As it is, nobody asks in between: to the server everything is still as good as it was. A content check in
        between carries a token that WeChat takes if it was not moved beyond the token's end: so whoever moves the
        clocks that far has no checks under way.
        """
        self.mock.clock.advance(seconds)
        if self.redis:
            self.redis.pass_time(seconds)
        self.offset += seconds
        draft = self.file.with_suffix(".new")
        draft.write_text(str(self.offset))
        draft.replace(self.file)


@dataclass
class House:
    """The server, its way to WeChat, WeChat, and their clocks."""

    server: Server
    uplink: Uplink
    mock: MockWeChat
    clocks: Clocks
    endpoint: str
    """where its tokens come from"""

    def sign(self) -> dict[str, Any]:
        """What a page gets."""
        return self._answer(self.server.get("/api/jssdk/signature", url=self.page))

    def token(self) -> str:
        """What a business server gets."""
        return str(self._answer(self.server.get("/api/access_token"))["access_token"])

    def ticket(self) -> str:
        """What another one gets."""
        return str(self._answer(self.server.get("/api/jsapi_ticket"))["ticket"])

    def check(self) -> None:
        """A text is checked."""
        verdict = self._answer(self.server.post("/api/moderation/text", json={"content": "hello"}))
        assert verdict["suggest"] == "pass"

    def is_valid(self, config: dict[str, Any]) -> bool:
        """Would a phone take this signature?"""
        return self.mock.verify(config, self.page) == {"valid": True}

    def fetches(self) -> tuple[int, int, int]:
        """How often WeChat was asked for the official account's token, the mini program's, and for the ticket."""
        appids = [call.appid for call in self.mock.calls(self.endpoint)]
        return appids.count(OFFICIAL), appids.count(MINI), len(self.mock.calls(TICKET))

    def await_fetches(self, number: int) -> None:
        """Until each credential was fetched so many times, and is there for all."""
        eventually(lambda: min(self.fetches()) >= number, f"{number} fetches of each credential")

    @property
    def page(self) -> str:
        return f"{self.server.url}/?a=1"

    def _answer(self, response: Any) -> dict[str, Any]:
        assert response.status_code == 200, response.text
        answer: dict[str, Any] = response.json()
        return answer


@dataclass
class Traffic:
    """Callers, each of which goes on and on, until one of them fails."""

    made: list[int]
    failed: list[BaseException] = field(default_factory=list)

    def go_on(self) -> None:
        """Until each caller has made ten calls more."""
        wanted = [calls + 10 for calls in self.made]
        eventually(lambda: self.failed or all(map(int.__ge__, self.made, wanted)), "the callers get answers")
        assert not self.failed


@contextmanager
def calling(*calls: Callable[[], object]) -> Iterator[Traffic]:
    """Within this block these calls are made all the time."""
    traffic, over = Traffic([0] * len(calls)), threading.Event()

    def call_on_and_on(number: int) -> None:
        try:
            while not over.wait(0.01):
                calls[number]()
                traffic.made[number] += 1
        except Exception as error:  # noqa: BLE001 -- it is asserted that there was none
            traffic.failed.append(error)

    threads = [threading.Thread(target=call_on_and_on, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    try:
        yield traffic
    finally:
        over.set()
        for thread in threads:
            thread.join()


def at_once(call: Callable[[], Any]) -> list[Any]:
    """What many callers get who all call at the same moment."""
    with ThreadPoolExecutor(CALLERS) as callers:
        return list(callers.map(lambda _: call(), range(CALLERS)))


@pytest.fixture(params=["sqlite", "redis"])
def redis(request: pytest.FixtureRequest) -> RedisServer | None:
    """The Redis that the server uses, or None: its store is SQLite."""
    return request.getfixturevalue("redis_server") if request.param == "redis" else None


@contextmanager
def house_in(folder: Path, redis: RedisServer | None, mode: str = "stable") -> Iterator[House]:
    """Four workers that have fetched everything once. Their refreshers look twice a second."""
    offset = folder / "offset"
    offset.write_text("0")
    with MockWeChat() as mock, Uplink(mock) as uplink:
        environment = {
            **uplink.environment,
            **UNHURRIED,
            "CLOCK_OFFSET_FILE": str(offset),
            "WECHAT_TOKEN_MODE": mode,
            "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.5",
            **({"WECHAT_STORE_URL": redis.url} if redis else {}),
        }
        with serving(folder, environment, "--workers", "4", "--threads", "8", app="tests.e2e.wsgi_clock:app") as server:
            endpoint = STABLE if mode == "stable" else CLASSIC
            house = House(server, uplink, mock, Clocks(mock, offset, redis), endpoint)
            house.await_fetches(1)
            house.ticket()
            house.check()
            yield house
        mock.assert_no_dead_token_used()


def test_past_stale_one_worker_fetches_and_nobody_waits(tmp_path: Path, redis: RedisServer | None) -> None:
    with house_in(tmp_path, redis) as house:
        token, ticket = house.token(), house.ticket()
        house.uplink.hold(STABLE)
        house.clocks.advance(INTO_STALE)
        house.await_fetches(2)  # WeChat was asked; its answers to the token calls are still under way
        assert at_once(house.token) == [token] * CALLERS
        assert all(house.is_valid(config) for config in at_once(house.sign))
        house.uplink.release()
        eventually(lambda: house.token() != token, "the new token is there")
        assert len(set(at_once(house.token))) == 1
        assert set(at_once(house.ticket)) == {ticket}  # WeChat hands it out until its end
        assert house.fetches() == (2, 2, 2)


def test_past_the_end_one_worker_fetches_for_all(tmp_path: Path, redis: RedisServer | None) -> None:
    """As after a laptop's sleep: there is nothing left to serve meanwhile."""
    with house_in(tmp_path, redis) as house:
        for slept in (1, 2):
            before = house.token(), house.ticket()
            house.clocks.advance(BEYOND_THE_END)
            configs = at_once(house.sign)
            assert all(house.is_valid(config) for config in configs)
            (token,) = set(at_once(house.token))
            (ticket,) = set(at_once(house.ticket))
            assert (token == before[0], ticket == before[1]) == (False, False)
            house.await_fetches(slept + 1)  # the mini program's, which no caller wanted, by a refresher
            house.check()
        assert house.fetches() == (3, 3, 3)


@pytest.mark.parametrize(("mode", "redis"), [("stable", "redis"), ("classic", "sqlite")], indirect=["redis"])
def test_cycle_by_cycle_under_traffic_it_is_one_fetch_each(
    tmp_path: Path, redis: RedisServer | None, mode: str
) -> None:
    """
    A token is STALE after each jump, and its successor 0 s old. The ticket, whose age nobody knows, is STALE after the
    first and third jump (6950 s old; WeChat gives it once more), and after the second and fourth it is at its end
    (13,900 s; WeChat gives another one, again of unknown age): each time one call.
    """
    with house_in(tmp_path, redis, mode) as house, calling(*2 * [house.sign, house.token, house.check]) as traffic:
        values = {house.token()}
        for cycle in (1, 2, 3, 4):
            traffic.go_on()
            house.clocks.advance(INTO_STALE)
            house.await_fetches(1 + cycle)
            traffic.go_on()
            assert house.fetches() == (1 + cycle,) * 3
            assert house.is_valid(house.sign())
            values.add(house.token())
        assert len(values) == 5
