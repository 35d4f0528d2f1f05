"""The check of the store."""

from pathlib import Path

from app.ops.doctor import Verdict
from app.ops.doctor.store import check_store
from app.stores import FallbackStore, MemoryStore, open_store
from tests.doubles import FakeClock
from tests.redis_server import RedisServer


class Forgetful(MemoryStore):
    """Takes every entry, keeps none."""

    def put(self, name: str, text: str, seconds: float) -> None:
        pass


def test_store_that_keeps_what_is_written(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/credentials.db"
    finding = check_store(url, open_store(url, "wechat:", FakeClock()))
    assert (finding.verdict, finding.found) == (Verdict.OK, f"{url}: writes and reads")


def test_redis_is_named_without_its_password(redis_server: RedisServer) -> None:
    store = open_store(redis_server.url, "wechat:", FakeClock())
    finding = check_store(redis_server.url.replace("://", "://user:password@"), store)
    assert (finding.verdict, finding.found) == (Verdict.OK, f"{redis_server.url}: writes and reads")
    assert redis_server.client.keys("*") == []


def test_sentinels_are_named_without_passwords() -> None:
    where = "redis+sentinel://127.0.0.1:1,127.0.0.1:2/main/0"
    url = where.replace("://", "://user:pa55word@") + "?sentinel_password=pa55word"
    finding = check_store(url, open_store(url, "wechat:", FakeClock()))
    assert (finding.verdict, finding.found) == (
        Verdict.FAILED,
        f"{where}: Redis: main at 127.0.0.1:1,127.0.0.1:2: MasterNotFoundError",
    )
    assert finding.advice
    assert "ckquorum" in finding.advice["en"]


def test_store_that_forgets_is_found() -> None:
    clock = FakeClock()
    finding = check_store("sqlite:///x.db", FallbackStore(Forgetful(clock), clock))
    assert finding.verdict is Verdict.FAILED
    assert finding.advice
