"""Two nodes on one Redis, which dies, hangs, forgets: memory serves, and no node fetches alone."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from mock_wechat import MockWeChat
from tests.e2e.nodes import (
    CREDENTIALS,
    FAILS,
    WORKERS,
    WORKS,
    all_fresh,
    assert_agreement,
    details,
    end_faults,
    every_worker_logged,
    fetches,
    is_ready,
    known,
    loaded,
    logged,
    make_stale,
    node,
    of_each_worker,
    refuse_fetches,
)
from tests.e2e.servers import Server, eventually
from tests.redis_server import RedisServer

Nodes = list[Server]


@contextmanager
def two_nodes(wechat: MockWeChat, redis_server: RedisServer, folder: Path, **settings: str) -> Iterator[Nodes]:
    """Two gunicorns with nothing in common but Redis."""
    settings["WECHAT_STORE_URL"] = redis_server.url
    with ExitStack() as stack:
        yield [stack.enter_context(node(folder / name, wechat.environment, settings)) for name in ("one", "two")]


@pytest.fixture
def nodes(wechat: MockWeChat, redis_server: RedisServer, tmp_path: Path) -> Iterator[Nodes]:
    with two_nodes(wechat, redis_server, tmp_path) as nodes:
        yield nodes


def assert_degraded(nodes: Nodes) -> None:
    """In service, and /readyz says why not all is well."""
    for server in nodes:
        said = details(server)
        assert said["status"] == "degraded"
        assert said["store"].startswith("Redis: ")
        assert {account["account"] for account in said["accounts"]} == {"default", "mini"}


def assert_nothing_changed(nodes: Nodes, redis_server: RedisServer, generations: set[tuple[str, str, int]]) -> None:
    """Redis has everything again, and the nodes agree."""
    assert len(redis_server.client.keys("*credential:*")) == len(CREDENTIALS)
    assert known(details(nodes[0])) == generations
    assert_agreement(*nodes)


def test_redis_dies_and_comes_back_empty(nodes: Nodes, redis_server: RedisServer, wechat: MockWeChat) -> None:
    with loaded(*nodes) as load:
        before, generations = fetches(wechat), known(details(nodes[0]))
        redis_server.stop()
        load.go_on()
        assert_degraded(nodes)
        redis_server.start()
        load.go_on_until(every_worker_logged(*nodes, text=WORKS), "all workers reach Redis again")
        eventually(lambda: is_ready(*nodes), "both nodes are ready")
    assert load.failed == []
    assert fetches(wechat) == before
    assert_nothing_changed(nodes, redis_server, generations)
    for text in (FAILS, WORKS):  # one line for each worker, whatever the number of callers
        assert [logged(server, text) for server in nodes] == [WORKERS] * len(nodes), text


def test_redis_hangs_and_goes_on(redis_server: RedisServer, wechat: MockWeChat, tmp_path: Path) -> None:
    with two_nodes(wechat, redis_server, tmp_path, WECHAT_REDIS_TIMEOUT_SECONDS="0.25") as nodes:
        with loaded(*nodes) as load:
            before, generations = fetches(wechat), known(details(nodes[0]))
            with redis_server.frozen():
                load.go_on()
                eventually(every_worker_logged(*nodes, text=FAILS), "all workers miss Redis")
                assert_degraded(nodes)
            load.go_on_until(every_worker_logged(*nodes, text=WORKS), "all workers reach Redis again")
            eventually(lambda: is_ready(*nodes), "both nodes are ready")
        assert load.failed == []
        assert fetches(wechat) == before
        assert_nothing_changed(nodes, redis_server, generations)


def test_stale_credential_is_fetched_once_after_redis_was_down(
    nodes: Nodes, redis_server: RedisServer, wechat: MockWeChat
) -> None:
    with loaded(*nodes) as load:
        refuse_fetches(wechat)
        make_stale(redis_server.url)
        for server in nodes:
            of_each_worker(server, "/readyz")  # reads all credentials in the store
        redis_server.stop()
        load.go_on_until(every_worker_logged(*nodes, text=FAILS), "all workers miss Redis")
        end_faults(wechat)
        before = fetches(wechat)
        load.go_on()
        assert fetches(wechat) == before  # no lease without Redis
        redis_server.start()
        load.go_on_until(lambda: all_fresh(*nodes), "all is fresh")
        load.go_on()
    assert load.failed == []
    assert fetches(wechat) == before + len(CREDENTIALS)
    assert_agreement(*nodes)


def test_node_that_starts_without_redis_serves_once_redis_is_there(
    redis_server: RedisServer, wechat: MockWeChat, tmp_path: Path
) -> None:
    redis_server.stop()
    with node(tmp_path / "one", wechat.environment, {"WECHAT_STORE_URL": redis_server.url}) as server:
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
    assert fetches(wechat) == len(CREDENTIALS)
