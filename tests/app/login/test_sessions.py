"""Sessions: whose they are, how long they last, what ends them, and what the store reveals."""

from collections.abc import Callable
from pathlib import Path

import pytest

from app.errors import StoreUnavailable
from app.login import Sealer, Session, Sessions, UnknownSession
from app.login.sessions import KEPT_SECONDS, User
from app.stores import MemoryStore, SharedEntries, open_store
from tests.doubles import FakeClock
from tests.redis_server import RedisServer

SEALING = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU="
KEY, APPID, OPENID, UNIONID = (
    "0123456789ab",
    "wx0000000000000002",
    "oGZUI0egBJY1zhBYw2KhdUfwVJJE",
    "ocMvos6NjeKLIBqg5Mr9Q",
)
K1, K2, K3 = "tiihtNczf5v6AKRyjwEUhQ==", "HyVFkGl5F5OQWJZZaNzBBg==", "o0q0otL8aEzpcZL/FT9WsQ=="
DAY = 86_400.0


@pytest.fixture
def entries(clock: FakeClock) -> MemoryStore:
    return MemoryStore(clock)


@pytest.fixture
def sessions(entries: MemoryStore, clock: FakeClock) -> Sessions:
    return Sessions(entries, Sealer([SEALING]), clock, clock.sleep)


def log_in(sessions: Sessions, session_key: str = K1, *, openid: str = OPENID, unionid: str | None = None) -> str:
    return sessions.start(KEY, APPID, User(openid, unionid, session_key))


def keys(session: Session) -> tuple[str, str | None]:
    return session.session_key, session.previous_key


def is_gone(sessions: Sessions, handle: str, key: str = KEY) -> bool:
    try:
        sessions.open(key, handle)
    except UnknownSession:
        return True
    return False


def test_handle_opens_the_session_and_is_another_one_each_time(sessions: Sessions) -> None:
    one, two = log_in(sessions, unionid=UNIONID), log_in(sessions)
    session = sessions.open(KEY, one)
    assert (session.appid, session.openid, session.unionid, *keys(session)) == (APPID, OPENID, UNIONID, K1, None)
    assert one != two
    assert len(one) == 43
    assert OPENID not in repr(session)
    assert K1 not in repr(session)


def test_handle_is_good_for_its_api_key_alone(sessions: Sessions) -> None:
    assert is_gone(sessions, log_in(sessions), "another-key0")


@pytest.mark.parametrize("handle", ["A" * 43, "", "\u20ac"])
def test_unknown_handle(sessions: Sessions, handle: str) -> None:
    assert is_gone(sessions, handle)


def test_all_sessions_of_a_user_have_the_key_of_the_last_login(sessions: Sessions) -> None:
    first, other = log_in(sessions), log_in(sessions, openid="o-of-another-user", session_key=K3)
    second = log_in(sessions, K2)
    assert keys(sessions.open(KEY, first)) == keys(sessions.open(KEY, second)) == (K2, K1)
    assert keys(sessions.open(KEY, log_in(sessions, K2))) == (K2, K1)  # WeChat kept the same one
    assert keys(sessions.open(KEY, other)) == (K3, None)


def test_changed_key_keeps_the_previous_one(sessions: Sessions) -> None:
    handle = log_in(sessions)
    sessions.change_key(sessions.open(KEY, handle), K2)
    assert keys(sessions.open(KEY, handle)) == (K2, K1)


def test_reset_that_a_login_overtook_keeps_the_newer_key(sessions: Sessions) -> None:
    handle = log_in(sessions, K1)
    session = sessions.open(KEY, handle)
    log_in(sessions, K3)
    sessions.change_key(session, K2)
    assert keys(sessions.open(KEY, handle)) == (K3, K1)


def test_lock_is_released_by_its_owner_alone(sessions: Sessions, entries: MemoryStore, clock: FakeClock) -> None:
    name = sessions.open(KEY, log_in(sessions)).name
    with sessions._locked(name):
        clock.advance(6)  # the lock has ended meanwhile, and another node has it
        assert entries.add(f"{name}:lock", "other", 5)
    assert entries.get(f"{name}:lock") == "other"


def test_session_ends_thirty_days_after_its_last_use(sessions: Sessions, clock: FakeClock) -> None:
    used, unused = log_in(sessions), log_in(sessions)
    for _ in range(5):
        clock.advance(KEPT_SECONDS - 1)
        assert not is_gone(sessions, used)
    assert is_gone(sessions, unused)
    clock.advance(KEPT_SECONDS)
    assert is_gone(sessions, used)


def test_use_writes_once_a_day(sessions: Sessions, entries: MemoryStore, clock: FakeClock) -> None:
    handle = log_in(sessions)
    writes: list[str] = []
    put = entries.put

    def counted(name: str, text: str, seconds: float) -> None:
        if text:
            writes.append(name)
        put(name, text, seconds)

    entries.put = counted  # type: ignore[method-assign]
    for seconds, expected in ((0, 0), (DAY - 1, 0), (1, 2), (0, 2), (DAY, 4)):
        clock.advance(seconds)
        sessions.open(KEY, handle)
        assert len(writes) == expected


def test_revoked_user_has_no_session_and_a_later_login_brings_none_back(sessions: Sessions, clock: FakeClock) -> None:
    first, other = log_in(sessions), log_in(sessions, openid="o-of-another-user")
    sessions.revoke(APPID, OPENID)
    assert is_gone(sessions, first)
    assert not is_gone(sessions, other)
    assert not is_gone(sessions, log_in(sessions))
    clock.advance(2 * DAY)
    assert is_gone(sessions, first)


def test_refused_key_ends_all_sessions_of_the_user_unless_a_login_was_faster(sessions: Sessions) -> None:
    one, two = log_in(sessions), log_in(sessions)
    before = sessions.open(KEY, one)
    log_in(sessions, K2)
    sessions.end(before)
    assert not is_gone(sessions, one)
    sessions.end(sessions.open(KEY, one))
    assert is_gone(sessions, one)
    assert is_gone(sessions, two)
    sessions.change_key(before, K3)
    assert is_gone(sessions, one)


def test_revocation_during_the_daily_write_stays(sessions: Sessions, entries: MemoryStore, clock: FakeClock) -> None:
    handle = log_in(sessions)
    clock.advance(DAY)
    add = entries.add

    def revoked_before(name: str, text: str, seconds: float) -> bool:
        entries.add = add  # type: ignore[method-assign]
        sessions.revoke(APPID, OPENID)
        return add(name, text, seconds)

    entries.add = revoked_before  # type: ignore[method-assign]
    assert is_gone(sessions, handle)
    assert is_gone(sessions, handle)


def test_changes_of_one_user_wait_for_each_other(sessions: Sessions, entries: MemoryStore, clock: FakeClock) -> None:
    name = sessions.open(KEY, log_in(sessions)).name
    entries.add(f"{name}:lock", "1", 1)
    began = clock()
    log_in(sessions, K2)
    assert clock() - began >= 1
    log_in(sessions, K3)  # the lock was given back
    assert clock() - began < 1.5
    entries.add(f"{name}:lock", "1", 1000)
    with pytest.raises(StoreUnavailable):
        log_in(sessions)


def test_another_sealing_key_ends_the_sessions(sessions: Sessions, entries: MemoryStore, clock: FakeClock) -> None:
    other = Sessions(entries, Sealer(["c3RvcmUta2V5LXR3by1vZi1leGFjdGx5LTMyLWJ5dGU="]), clock, clock.sleep)
    assert is_gone(other, log_in(sessions))


# What the store holds ------------------------------------------------------------------------------------------


def in_sqlite(request: pytest.FixtureRequest) -> tuple[str, Callable[[], bytes]]:
    folder: Path = request.getfixturevalue("tmp_path")
    return f"sqlite:///{folder}/c.db", lambda: b"".join(file.read_bytes() for file in folder.iterdir())


def in_redis(request: pytest.FixtureRequest) -> tuple[str, Callable[[], bytes]]:
    server: RedisServer = request.getfixturevalue("redis_server")

    def content() -> bytes:
        names = [str(name) for name in server.client.scan_iter()]
        return str([*names, *server.client.mget(names)]).encode()

    return server.url, content


@pytest.mark.parametrize("kind", [in_sqlite, in_redis])
def test_store_reveals_no_user_key_or_handle(
    request: pytest.FixtureRequest, kind: Callable[..., tuple[str, Callable[[], bytes]]]
) -> None:
    url, content = kind(request)
    clock = FakeClock()
    store = open_store(url, "test:", clock)
    sessions = Sessions(SharedEntries(store), Sealer([SEALING]), clock, clock.sleep)
    handle = log_in(sessions, unionid=UNIONID)
    log_in(sessions, K2)
    assert keys(sessions.open(KEY, handle)) == (K2, K1)
    held = content()
    assert held.count(b"session:user:") >= 1
    for secret in (OPENID, UNIONID, K1, K2, handle, APPID):
        assert secret.encode() not in held
    sessions.revoke(APPID, OPENID)
    assert is_gone(sessions, handle)
    store.close()
