"""Two nodes on one Redis, which dies, hangs, forgets: callers go on from memory, and nobody fetches alone."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mock_wechat import MockWeChat
from tests.e2e.nodes import (
    CREDENTIALS,
    FAILS,
    KEEP_WARM_SECONDS,
    WORKERS,
    WORKS,
    all_fresh,
    assert_agreement,
    assert_served_well,
    details,
    end_faults,
    every_worker_says,
    fetches,
    is_ready,
    known,
    let_every_worker_look,
    logged,
    node,
    of_each_worker,
    refuse_fetches,
    warm_traffic,
)
from tests.e2e.servers import Server, eventually
from tests.e2e.traffic import UNLIMITED
from tests.redis_server import RedisServer

OUTAGE_SECONDS = 2.0

Nodes = list[Server]


@pytest.fixture
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat(accounts=UNLIMITED) as mock:
        yield mock


@contextmanager
def two_nodes(wechat: MockWeChat, redis_server: RedisServer, folder: Path, **settings: str) -> Iterator[Nodes]:
    """Two machines, as it were: two gunicorns with nothing in common but Redis."""
    settings["WECHAT_STORE_URL"] = redis_server.url
    with ExitStack() as stack:
        yield [stack.enter_context(node(folder / name, wechat, settings)) for name in ("one", "two")]


@pytest.fixture
def nodes(wechat: MockWeChat, redis_server: RedisServer, tmp_path: Path) -> Iterator[Nodes]:
    with two_nodes(wechat, redis_server, tmp_path) as nodes:
        yield nodes


def assert_degraded(nodes: Nodes) -> None:
    """In service, and the operator is told why not all is well."""
    for server in nodes:
        said = details(server)
        assert said["status"] == "degraded"
        assert said["store"].startswith("Redis: ")
        assert {account["account"] for account in said["accounts"]} == {"default", "mini"}


def assert_nothing_changed(nodes: Nodes, redis_server: RedisServer, generations: set[tuple[str, str, int]]) -> None:
    """Redis knows everything again, and the nodes agree on it."""
    assert len(redis_server.client.keys("*credential:*")) == CREDENTIALS
    assert known(nodes[0]) == generations
    assert_agreement(*nodes)


def test_redis_dies_and_comes_back_empty(nodes: Nodes, redis_server: RedisServer, wechat: MockWeChat) -> None:
    with warm_traffic(*nodes) as load:
        before, generations = fetches(wechat), known(nodes[0])
        redis_server.stop()
        load.go_on(OUTAGE_SECONDS)
        assert_degraded(nodes)
        redis_server.start()
        load.go_on_until(every_worker_says(*nodes, text=WORKS), "all workers have found Redis again")
        eventually(lambda: is_ready(*nodes), "both nodes are ready")
    assert_served_well(load)
    assert fetches(wechat) == before
    assert_nothing_changed(nodes, redis_server, generations)
    for text in (FAILS, WORKS):  # once each, however many callers found it so
        assert [logged(server, text) for server in nodes] == [WORKERS] * len(nodes), text


def test_redis_hangs_and_goes_on(redis_server: RedisServer, wechat: MockWeChat, tmp_path: Path) -> None:
    with two_nodes(wechat, redis_server, tmp_path, WECHAT_REDIS_TIMEOUT_SECONDS="0.25") as nodes:
        with warm_traffic(*nodes) as load:
            before, generations = fetches(wechat), known(nodes[0])
            with redis_server.frozen():
                load.go_on(OUTAGE_SECONDS)
                eventually(every_worker_says(*nodes, text=FAILS), "all workers miss Redis")
                assert_degraded(nodes)
            load.go_on_until(every_worker_says(*nodes, text=WORKS), "all workers have found Redis again")
            eventually(lambda: is_ready(*nodes), "both nodes are ready")
        assert_served_well(load)
        assert fetches(wechat) == before
        assert_nothing_changed(nodes, redis_server, generations)


def test_redis_forgets_everything_and_is_told_again(
    nodes: Nodes, redis_server: RedisServer, wechat: MockWeChat
) -> None:
    with warm_traffic(*nodes) as load:
        before, generations = fetches(wechat), known(nodes[0])
        for _ in range(5):
            redis_server.client.flushall()
            load.go_on(0.3)
    assert_served_well(load)
    assert fetches(wechat) == before
    assert_nothing_changed(nodes, redis_server, generations)


def test_what_turns_stale_while_redis_is_away_waits_for_it_and_is_fetched_once(
    nodes: Nodes, redis_server: RedisServer, wechat: MockWeChat
) -> None:
    with warm_traffic(*nodes) as load:
        refuse_fetches(wechat)
        for name in redis_server.client.keys("*credential:*"):
            redis_server.client.hset(name, "stale_at", 0)
        let_every_worker_look(*nodes)
        redis_server.stop()
        load.go_on_until(every_worker_says(*nodes, text=FAILS), "all workers miss Redis")
        end_faults(wechat)
        before = fetches(wechat)
        load.go_on(OUTAGE_SECONDS)
        assert fetches(wechat) == before  # nobody has the lease
        redis_server.start()
        load.go_on_until(lambda: all_fresh(*nodes), "all is fresh")
        load.go_on(2 * KEEP_WARM_SECONDS)
    assert_served_well(load)
    assert fetches(wechat) == before + CREDENTIALS
    assert_agreement(*nodes)


def test_a_node_that_starts_without_redis_serves_as_soon_as_it_comes(
    redis_server: RedisServer, wechat: MockWeChat, tmp_path: Path
) -> None:
    redis_server.stop()
    with node(tmp_path / "one", wechat, {"WECHAT_STORE_URL": redis_server.url}) as server:
        assert {answer.status_code for answer in of_each_worker(server, "/readyz")} == {503}
        for refused in of_each_worker(server, "/api/access_token"):
            assert refused.status_code == 503
            assert refused.json()["type"] == "/problems/store-unavailable"
            assert int(refused.headers["Retry-After"]) >= 1
        assert fetches(wechat) == 0
        redis_server.start()
        eventually(lambda: is_ready(server), "both workers are ready")
        assert_agreement(server)
        assert logged(server, "Booting worker") == WORKERS
    assert fetches(wechat) == CREDENTIALS
