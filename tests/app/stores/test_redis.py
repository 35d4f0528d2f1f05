"""Redis alone: key names, no password in errors, a bounded wait, damage, a replica, an emptied server."""

import pytest
from redis.connection import SSLConnection
from redis.sentinel import SentinelConnectionPool

from app.errors import StoreUnavailable
from app.stores import FallbackStore
from app.stores.redis import RedisStore
from tests.app.stores.conftest import KEY, T1, T2
from tests.doubles import FakeClock
from tests.e2e.servers import free_port
from tests.redis_server import RedisServer

HASH = "test:credential:wx0000000000000001:access_token"


@pytest.fixture
def store(redis_server: RedisServer) -> RedisStore:
    store = RedisStore(redis_server.url, "test:")
    store.save(KEY, T1, 0)
    return store


def test_keys_begin_with_the_prefix_and_hold_no_value(redis_server: RedisServer) -> None:
    store = RedisStore(redis_server.url, "shop[1]*:")
    store.save(KEY, T1, 0)
    store.acquire(KEY, "a", 15)
    store.put("cooldown:x", "why", 60)
    assert sorted(redis_server.client.keys()) == [
        "shop[1]*:credential:wx0000000000000001:access_token",
        "shop[1]*:entry:cooldown:x",
        "shop[1]*:lease:wx0000000000000001:access_token",
    ]


def test_forget_keeps_to_the_prefix(redis_server: RedisServer) -> None:
    ours, theirs = RedisStore(redis_server.url, "shop[1]*:"), RedisStore(redis_server.url, "shop1:")
    ours.put("cooldown:x", "ours", 60)
    theirs.put("cooldown:x", "theirs", 60)
    ours.forget("cooldown:")
    assert (ours.get("cooldown:x"), theirs.get("cooldown:x")) == (None, "theirs")


# -- errors


def error(url: str) -> str:
    with pytest.raises(StoreUnavailable) as caught:
        RedisStore(url, "test:", timeout_seconds=0.05).get("n")
    assert caught.value.__cause__ is caught.value.__context__ is None
    return str(caught.value)


def test_error_has_host_and_reason_but_no_password(redis_server: RedisServer) -> None:
    port = free_port()
    assert error(f"redis://shop:pa55word@127.0.0.1:{port}/0") == f"Redis: 127.0.0.1:{port}: connection refused"
    unknown = error("redis://:pa55word@nowhere.invalid")
    assert unknown.startswith("Redis: nowhere.invalid:6379: ")
    assert "pa55word" not in unknown
    wrong = error(f"redis://shop:pa55word@127.0.0.1:{redis_server.port}/0")
    assert wrong == f"Redis: 127.0.0.1:{redis_server.port}: AuthenticationError"


def test_error_names_the_sentinels_but_no_password() -> None:
    ports = free_port(), free_port()
    hosts = ",".join(f"127.0.0.1:{port}" for port in ports)
    unknown = error(f"redis+sentinel://shop:pa55word@{hosts}/main/0?sentinel_password=pa55word")
    assert unknown == f"Redis: main at {hosts}: MasterNotFoundError"


def test_sentinel_url_is_read() -> None:
    url = "rediss+sentinel://shop:a%2Fb@10.0.0.1:5000,[::1],h3/main/2?sentinel_password=c%40d"
    pool = RedisStore(url, "test:", timeout_seconds=0.2)._redis.connection_pool
    assert isinstance(pool, SentinelConnectionPool)
    sentinels = [each.connection_pool for each in pool.sentinel_manager.sentinels]
    addresses = [(each.connection_kwargs["host"], each.connection_kwargs["port"]) for each in sentinels]
    assert addresses == [("10.0.0.1", 5000), ("::1", 26379), ("h3", 26379)]
    assert {each.connection_kwargs["password"] for each in sentinels} == {"c@d"}
    given = pool.connection_kwargs
    assert (pool.service_name, given["username"], given["password"], given["db"]) == ("main", "shop", "a/b", 2)
    for each in (pool, *sentinels):
        assert issubclass(each.connection_class, SSLConnection)
        assert (each.connection_kwargs["socket_connect_timeout"], each.connection_kwargs["socket_timeout"]) == (
            0.2,
            0.2,
        )
        assert each.connection_kwargs["retry"].get_retries() == 0


def test_timeout_bounds_connecting_and_reading() -> None:
    arguments = RedisStore("redis://127.0.0.1", "test:", timeout_seconds=0.2)._redis.connection_pool.connection_kwargs
    assert (arguments["socket_connect_timeout"], arguments["socket_timeout"]) == (0.2, 0.2)


def test_hanging_server_is_unavailable_and_comes_back(store: RedisStore, redis_server: RedisServer) -> None:
    with redis_server.frozen(), pytest.raises(StoreUnavailable):
        store.load(KEY)
    assert store.load(KEY) == T1


# -- damage and replicas


@pytest.mark.parametrize("field", ["value", "obtained_at", "stale_at", "expires_at", "generation", "first_seen_at"])
@pytest.mark.parametrize("garbage", [None, ""])
def test_hash_with_garbage_counts_as_none(
    store: RedisStore, redis_server: RedisServer, field: str, garbage: str | None
) -> None:
    if garbage is None:
        redis_server.client.hdel(HASH, field)
    else:
        redis_server.client.hset(HASH, field, garbage)
    assert store.load(KEY) is None
    assert store.save(KEY, T2, 0)
    assert store.load(KEY) == T2


def test_key_of_another_type_is_unavailable_and_left_alone(store: RedisStore, redis_server: RedisServer) -> None:
    redis_server.client.set(HASH, "another program's")
    with pytest.raises(StoreUnavailable, match="WRONGTYPE"):
        store.load(KEY)
    with pytest.raises(StoreUnavailable, match="Redis: "):
        store.save(KEY, T2, 0)
    assert redis_server.client.get(HASH) == "another program's"


def test_value_that_is_not_utf8_is_unavailable(store: RedisStore, redis_server: RedisServer) -> None:
    redis_server.client.hset(HASH, "value", b"\xff\xfe")
    with pytest.raises(StoreUnavailable, match="UnicodeDecodeError"):
        store.load(KEY)


def test_replica_is_read_and_not_written_to(redis_server: RedisServer, clock: FakeClock) -> None:
    store = FallbackStore(RedisStore(redis_server.url, "test:"), clock)
    store.save(KEY, T1, 0)
    redis_server.client.replicaof("127.0.0.1", "1")  # a primary that is not there
    try:
        with pytest.raises(StoreUnavailable, match="ReadOnlyError"):
            store.acquire(KEY, "a", 15)
        assert FallbackStore(RedisStore(redis_server.url, "test:"), clock).load(KEY) == T1
        assert store.load(KEY) == T1
        assert store.failure
    finally:
        redis_server.client.replicaof("NO", "ONE")
    clock.advance(1)
    assert store.acquire(KEY, "a", 15)
    assert store.failure is None


def test_nodes_agree_on_the_newest_copy_after_redis_was_emptied(redis_server: RedisServer, clock: FakeClock) -> None:
    nodes = [FallbackStore(RedisStore(redis_server.url, "test:"), clock) for _ in range(3)]
    nodes[0].save(KEY, T1, 0)
    assert [node.load(KEY) for node in nodes] == [T1] * 3
    nodes[1].save(KEY, T2, 1)
    redis_server.client.flushall()
    assert nodes[0].load(KEY) == T1  # the newest that this node knows
    assert [node.load(KEY) for node in (*nodes[1:], *nodes)] == [T2] * 5
