"""Cooldowns: which failures begin one, for which nodes, and how long it lasts."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from app.accounts import Secret
from app.errors import WeChatError, WeChatRefused, WeChatUnavailable
from app.stores import MemoryStore
from app.wechat import Cooldowns, lift, refusal
from tests.doubles import FakeClock, cooldowns

TOKEN = "/cgi-bin/stable_token"
CHECK = "/wxa/msg_sec_check"
OURS, OTHER = "wx0000000000000001", "wx0000000000000002"
RID = "64b0ba1d-74e53e36-717abb43"
MIDNIGHT_IN_SHANGHAI = 1_790_006_400.0  # 2026-09-22 00:00:00 +08:00, which is 2026-09-21 16:00:00 UTC
DOWN = WeChatUnavailable("WeChat, /cgi-bin/stable_token: could not be reached.")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MIDNIGHT_IN_SHANGHAI - 12 * 3600)


@pytest.fixture
def store(clock: FakeClock) -> MemoryStore:
    return MemoryStore(clock)


@pytest.fixture
def node(store: MemoryStore, clock: FakeClock) -> Callable[..., Cooldowns]:
    def make(secret: Secret | str = "mock-official-secret", egress: str = "here", appid: str = OURS) -> Cooldowns:
        return cooldowns(store, clock, appid=appid, secret=secret, egress=egress)

    return make


def answer(errcode: int, endpoint: str = TOKEN) -> WeChatRefused:
    return refusal(errcode, f"text {errcode}", RID, endpoint=endpoint)


def fail(cooldowns: Cooldowns, error: WeChatError, endpoint: str = TOKEN) -> None:
    with pytest.raises(type(error)), cooldowns.watch(endpoint):
        raise error


def seconds_left(cooldowns: Cooldowns, clock: FakeClock, name: str = TOKEN) -> float:
    current = cooldowns.current(name)
    return current.until - clock() if current else 0


def waits(begin: Callable[[], None], cooldowns: Cooldowns, clock: FakeClock, name: str, count: int) -> list[float]:
    """How long the first, second, ... cooldown lasts when each attempt fails as soon as it may be made."""
    seen = []
    for _ in range(count):
        begin()
        seen.append(seconds_left(cooldowns, clock, name))
        clock.advance(seen[-1])
    return seen


# -- the table


ADDRESS, SECRET, ALL = {"other secret"}, {"other node"}, {"other node", "other secret"}
"""who shares a cooldown of this node with this secret"""


@pytest.mark.parametrize(
    ("errcodes", "seconds", "binds"),
    [
        ([40125, 40013, 40243, 40001], 60, SECRET),
        ([40164, 61004, 45035, 48017, 89501, 89502, 89503, 89504, 89505], 60, ADDRESS),
        ([89507], 3600, ADDRESS),
        ([89506], 86_400, ADDRESS),
        ([45009, 48006, 9410009], 60, ALL),
        ([48004, 50001, 50002, 50004, 50007, 61007, 61024], 60, ALL),
    ],
)
def test_cooldown_of_an_endpoint(
    node: Callable[..., Cooldowns], clock: FakeClock, errcodes: list[int], seconds: float, binds: set[str]
) -> None:
    others = {"other node": node(egress="elsewhere"), "other secret": node(secret="mock-another-secret")}
    for errcode in errcodes:
        fail(node(), answer(errcode))
        assert seconds_left(node(), clock) == seconds, errcode
        assert {who for who, cooldowns in others.items() if cooldowns.current(TOKEN)} == binds, errcode
        node().end(TOKEN)


def test_all_cooldowns_are_read_with_one_call_to_the_store(
    node: Callable[..., Cooldowns], store: MemoryStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    fail(node(), answer(40164))  # of this node alone
    fail(node(), answer(45009, CHECK), CHECK)
    reads, get_all = [], store.get_all

    def counted(names: Sequence[str]) -> list[str | None]:
        reads.append(names)
        return get_all(names)

    monkeypatch.setattr(store, "get_all", counted)
    assert list(node(egress="elsewhere").all_current([TOKEN, "/other", CHECK])) == [CHECK]
    found = node().all_current([TOKEN, "/other", CHECK])
    assert {name: one.facts["errcode"] for name, one in found.items()} == {TOKEN: 40164, CHECK: 45009}
    assert len(reads) == 2


@pytest.mark.parametrize("errcode", [-1, 45011, 48001, 41001, 87014])
def test_other_answers_begin_none_for_the_endpoint(node: Callable[..., Cooldowns], errcode: int) -> None:
    fail(node(), answer(errcode, CHECK), CHECK)
    fail(node(), DOWN, CHECK)
    assert node().current(CHECK) is None


@pytest.mark.parametrize(("error", "binds"), [(answer(-1), True), (answer(45011), True), (DOWN, False)])
@pytest.mark.parametrize(("served", "steps"), [(True, [5, 15, 60, 60]), (False, [1, 2, 5, 10, 10])])
def test_cooldown_of_a_credential(
    node: Callable[..., Cooldowns], clock: FakeClock, error: WeChatError, binds: bool, served: bool, steps: list[float]
) -> None:
    ours, elsewhere = node(), node(egress="elsewhere")

    def begin() -> None:
        ours.begin("access_token", error, served=served)

    assert waits(begin, ours, clock, "access_token", len(steps)) == steps
    begin()
    assert (elsewhere.current("access_token") is not None) == binds


def test_quota_cooldowns_grow_and_end_at_midnight_in_shanghai(node: Callable[..., Cooldowns], clock: FakeClock) -> None:
    ours = node()
    assert waits(lambda: fail(ours, answer(45009)), ours, clock, TOKEN, 5) == [60, 300, 900, 3600, 3600]
    clock.now = MIDNIGHT_IN_SHANGHAI - 30
    assert waits(lambda: fail(ours, answer(45009)), ours, clock, TOKEN, 2) == [30, 60]  # the second: a new day


def test_failure_in_another_state_counts_from_one(node: Callable[..., Cooldowns], clock: FakeClock) -> None:
    ours = node()
    for served, seconds in [(True, 5), (False, 1), (True, 5)]:
        ours.begin("access_token", DOWN, served=served)
        assert seconds_left(ours, clock, "access_token") == seconds


# -- what callers get


def test_callers_get_the_error_and_wechat_is_left_alone(node: Callable[..., Cooldowns], clock: FakeClock) -> None:
    first = answer(40125)
    fail(node(), first)
    assert (first.retry_after, first.failed_at) == (60, None)
    began = clock()
    clock.advance(20)
    with pytest.raises(WeChatRefused) as caught, node().watch(TOKEN):
        pytest.fail("WeChat was asked")
    error = caught.value
    assert (error.errcode, error.errmsg, error.rid) == (40125, "text 40125", RID)
    assert (error.retry_after, error.failed_at) == (40, began)
    with pytest.raises(WeChatRefused):
        node().check(TOKEN)


def test_other_endpoints_and_accounts_go_on(node: Callable[..., Cooldowns]) -> None:
    fail(node(), answer(40125))
    assert node().current(CHECK) is None
    assert node(appid=OTHER).current(TOKEN) is None


def test_secret_changed_in_its_file_ends_it_in_every_process(node: Callable[..., Cooldowns], tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_text("mock-the-old-secret")
    ours, theirs = (
        node(Secret("mock-the-old-secret", file=str(file), read=lambda path: Path(path).read_text())) for _ in range(2)
    )
    fail(ours, answer(40125))
    assert theirs.current(TOKEN)
    file.write_text("mock-official-secret")
    assert theirs.current(TOKEN) is ours.current(TOKEN) is None


# -- its end


@pytest.mark.parametrize("mended", [None, answer(87014, CHECK)])
def test_any_other_answer_ends_it_and_its_count(
    node: Callable[..., Cooldowns], clock: FakeClock, mended: WeChatRefused | None
) -> None:
    ours = node()
    waits(lambda: fail(ours, answer(45009, CHECK), CHECK), ours, clock, CHECK, 2)
    if mended:
        fail(ours, mended, CHECK)
    else:
        with ours.watch(CHECK):
            pass
    assert waits(lambda: fail(ours, answer(45009, CHECK), CHECK), ours, clock, CHECK, 1) == [60]


def test_no_answer_ends_nothing(node: Callable[..., Cooldowns], clock: FakeClock) -> None:
    ours = node()
    waits(lambda: fail(ours, answer(45009)), ours, clock, TOKEN, 2)
    fail(ours, DOWN)
    assert waits(lambda: fail(ours, answer(45009)), ours, clock, TOKEN, 1) == [900]


def test_calls_that_fail_together_count_as_one(node: Callable[..., Cooldowns], clock: FakeClock) -> None:
    ours = node()
    with pytest.raises(WeChatRefused), ours.watch(CHECK), ours.watch(CHECK), ours.watch(CHECK):
        raise answer(45009, CHECK)
    assert seconds_left(ours, clock, CHECK) == 60


@pytest.mark.parametrize(("appid", "left"), [(None, []), (OURS, [OTHER])])
def test_lifting(node: Callable[..., Cooldowns], store: MemoryStore, appid: str | None, left: list[str]) -> None:
    for of in (OURS, OTHER):
        fail(node(appid=of), answer(40125))
        fail(node(appid=of), answer(89506), CHECK)
        node(appid=of).begin("access_token", DOWN)
        node(appid=of).begin("jsapi_ticket", answer(-1), served=True)
    store.put(f"budget:{OURS}:access_token:refused", "[0, 0]", 60)
    lift(store, appid)
    for name in (TOKEN, CHECK, "access_token", "jsapi_ticket"):
        assert [of for of in (OURS, OTHER) if node(appid=of).last(name)] == left
    assert store.get(f"budget:{OURS}:access_token:refused")


@pytest.mark.parametrize(("back", "left"), [(0.9, 1.9), (3 * 3600, 0)])
def test_clock_set_back_doubles_it_at_most(
    node: Callable[..., Cooldowns], clock: FakeClock, back: float, left: float
) -> None:
    node().begin("access_token", DOWN)
    clock.advance(-back)
    assert seconds_left(node(), clock, "access_token") == pytest.approx(left)


def test_no_record_holds_the_secret(node: Callable[..., Cooldowns], store: MemoryStore) -> None:
    fail(node(), answer(40125))
    assert "mock-official-secret" not in repr(store._entries)
