"""Expiry with several processes: gunicorn with four workers, whose clock and WeChat's are moved together."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.e2e.callers import Ask, call, calling, check, sign, statuses, token
from tests.e2e.nodes import fetches
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import CLASSIC, STABLE, TICKET, UNHURRIED, Uplink
from tests.redis_server import RedisServer

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

        The other way round a worker could ask for a successor before WeChat gives one. For a content check in between
        WeChat accepts the token unless its clock was moved beyond the token's end: then no check may be under way.
        """
        self.mock.clock.advance(seconds)
        if self.redis:
            self.redis.pass_time(seconds)
        self.offset += seconds
        draft = self.file.with_suffix(".new")
        draft.write_text(str(self.offset))
        draft.replace(self.file)


@dataclass
class Site:
    """The server, its connection to WeChat, WeChat, and their clocks."""

    server: Server
    uplink: Uplink
    mock: MockWeChat
    clocks: Clocks
    endpoint: str
    """where its tokens come from"""

    @property
    def ticket(self) -> Ask:
        return Ask(f"{self.server.url}/api/jsapi_ticket")

    def get(self, ask: Ask) -> Any:
        """The answer of one call."""
        return self.get_all(ask, 1)[0]

    def get_all(self, ask: Ask, callers: int = CALLERS) -> list[Any]:
        """The answers of so many calls at once, none of which fails; signatures are valid."""
        answers = call([ask] * callers)
        assert statuses(answers) == {200}
        documents = [answer.json() for answer in answers]
        assert all(self.mock.verify(it, it["url"]) == {"valid": True} for it in documents if "signature" in it)
        return documents

    def tokens(self) -> set[str]:
        """The different tokens that many callers get at once."""
        return {document["access_token"] for document in self.get_all(token(self.server))}

    def tickets(self) -> set[str]:
        """The different tickets that many callers get at once."""
        return {document["ticket"] for document in self.get_all(self.ticket)}

    def fetches(self) -> tuple[int, int, int]:
        """The numbers of fetches: the official account's token, the mini program's, the ticket."""
        official, mini = (fetches(self.mock, self.endpoint, appid=account.appid) for account in (OFFICIAL, MINI))
        return official, mini, fetches(self.mock, TICKET)

    def await_fetches(self, number: int) -> None:
        """Wait until each credential was fetched this often."""
        eventually(lambda: min(self.fetches()) >= number, f"{number} fetches of each credential")


@pytest.fixture(params=["sqlite", "redis"])
def redis(request: pytest.FixtureRequest) -> RedisServer | None:
    """The Redis that the server uses, or None: its store is SQLite."""
    return request.getfixturevalue("redis_server") if request.param == "redis" else None


@contextmanager
def site_in(folder: Path, redis: RedisServer | None, mode: str = "stable") -> Iterator[Site]:
    """Four workers that have fetched everything once. Their refreshers check twice a second."""
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
            site = Site(server, uplink, mock, Clocks(mock, offset, redis), endpoint)
            site.await_fetches(1)
            site.get(site.ticket)
            site.get(check(server))
            yield site
        mock.assert_no_dead_token_used()


def test_one_worker_fetches_for_all_while_stale_and_after_the_end(tmp_path: Path, redis: RedisServer | None) -> None:
    with site_in(tmp_path, redis) as site:
        before, tickets = site.tokens(), site.tickets()
        site.uplink.hold(STABLE)
        site.clocks.advance(INTO_STALE)
        site.await_fetches(2)  # WeChat was asked; its answers to the token calls are kept back
        assert site.tokens() == before
        site.get_all(sign(site.server))
        site.uplink.release()
        eventually(lambda: site.get(token(site.server))["access_token"] not in before, "the new token is stored")
        tokens = before | site.tokens()
        assert len(tokens) == 2
        assert site.tickets() == tickets  # WeChat hands it out until its end
        assert site.fetches() == (2, 2, 2)
        site.get(check(site.server))
        site.clocks.advance(BEYOND_THE_END)  # as after a laptop's sleep: nothing is left to serve meanwhile
        site.get_all(sign(site.server))
        assert len(tokens | site.tokens()) == 3
        assert len(tickets | site.tickets()) == 2
        site.await_fetches(3)  # the mini program's, which no caller wanted, by a refresher
        site.get(check(site.server))
        assert site.fetches() == (3, 3, 3)


@pytest.mark.parametrize(("mode", "redis"), [("stable", "redis"), ("classic", "sqlite")], indirect=["redis"])
def test_each_cycle_under_load_is_one_fetch_of_each_credential(
    tmp_path: Path, redis: RedisServer | None, mode: str
) -> None:
    """
    A token is STALE after each jump, and its successor 0 s old. The ticket, of unknown age, is STALE after the first
    jump (6950 s old; WeChat gives it once more), and after the second it is at its end (13,900 s; WeChat gives another
    one, again of unknown age): each time one call.
    """
    with site_in(tmp_path, redis, mode) as site:
        asks = (sign(site.server), token(site.server), check(site.server))
        with calling(*asks, callers=6) as load:
            tokens = site.tokens()
            for cycle in (1, 2):
                load.go_on(5)
                site.clocks.advance(INTO_STALE)
                site.await_fetches(1 + cycle)
                load.go_on(5)
                assert site.fetches() == (1 + cycle,) * 3
                site.get(sign(site.server))
                tokens |= site.tokens()
        assert load.failed == []
        assert len(tokens) == 3
