"""Holds: which answers are remembered, for whom, and how long."""

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest

from app.accounts import Secret
from app.errcodes import refusal
from app.exceptions import WeChatRefused
from app.holds import Holds, lift, lift_all
from app.stores import MemoryShelf
from app.timing import Timing
from tests.doubles import FakeClock

TOKEN = "/cgi-bin/stable_token"
CHECK = "/wxa/msg_sec_check"
MIDNIGHT_IN_SHANGHAI = 1_790_006_400.0  # 2026-09-22 00:00:00 +08:00, which is 2026-09-21 16:00:00 UTC


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(MIDNIGHT_IN_SHANGHAI - 7200)


@pytest.fixture
def shelf(clock: FakeClock) -> MemoryShelf:
    return MemoryShelf(clock)


@pytest.fixture
def node(shelf: MemoryShelf, clock: FakeClock) -> Callable[..., Holds]:
    def make(secret: str = "mock-official-secret", egress: str = "node-a", appid: str = "wx0000000000000001") -> Holds:
        return Holds(appid, Secret(secret), shelf, egress=egress, timing=Timing(), clock=clock)

    return make


def fail(holds: Holds, errcode: int, endpoint: str = TOKEN) -> None:
    with pytest.raises(WeChatRefused), holds.watch(endpoint):
        raise refusal(errcode, f"text {errcode}", "64b0ba1d-74e53e36-717abb43", endpoint=endpoint)


def held_for(holds: Holds, clock: FakeClock, endpoint: str = TOKEN) -> float:
    """How long `endpoint` is held from now on, to the second."""
    began = clock()
    while holds.current(endpoint):
        clock.advance(1)
    return clock() - began


@pytest.mark.parametrize(
    ("errcode", "seconds"),
    [
        (40125, 60),
        (40013, 60),
        (40243, 60),
        (40001, 60),
        (40164, 60),
        (61004, 60),
        (89501, 60),
        (89503, 60),
        (89505, 60),
        (89507, 3600),
        (89506, 86_400),
        (45009, 60),
        (50004, 60),
    ],
)
def test_how_long_each_answer_holds_a_token_call(
    node: Callable[..., Holds], clock: FakeClock, errcode: int, seconds: float
) -> None:
    holds = node()
    fail(holds, errcode)
    assert held_for(holds, clock) == seconds


@pytest.mark.parametrize("errcode", [-1, 45011, 48001, 41001, 87014])
def test_what_a_retry_may_mend_holds_nothing(node: Callable[..., Holds], errcode: int) -> None:
    holds = node()
    fail(holds, errcode, CHECK)
    assert holds.current(CHECK) is None


def test_a_held_caller_gets_the_same_error_and_wechat_is_not_asked(
    node: Callable[..., Holds], clock: FakeClock
) -> None:
    holds = node()
    fail(holds, 40125)
    clock.advance(20)
    with pytest.raises(WeChatRefused) as caught, holds.watch(TOKEN):
        pytest.fail("WeChat was asked")
    assert (caught.value.errcode, caught.value.errmsg, caught.value.rid, caught.value.retry_after) == (
        40125,
        "text 40125",
        "64b0ba1d-74e53e36-717abb43",
        40,
    )


@pytest.mark.parametrize(("errcode", "seconds"), [(40125, 60), (89507, 3600), (45009, 60)])
def test_the_first_who_is_refused_hears_how_long_to_wait(
    node: Callable[..., Holds], errcode: int, seconds: float
) -> None:
    with pytest.raises(WeChatRefused) as caught, node().watch(TOKEN):
        raise refusal(errcode, "text", endpoint=TOKEN)
    assert caught.value.retry_after == seconds


def test_other_endpoints_and_accounts_are_not_held(node: Callable[..., Holds]) -> None:
    fail(node(), 40125)
    assert node().current(CHECK) is None
    assert node(appid="wx0000000000000002").current(TOKEN) is None


def test_a_refused_address_holds_only_the_nodes_behind_it(node: Callable[..., Holds]) -> None:
    fail(node(egress="node-a"), 40164)
    assert node(egress="node-a").current(TOKEN)
    assert node(egress="node-b").current(TOKEN) is None


def test_a_refused_secret_holds_all_nodes_until_it_changes(node: Callable[..., Holds]) -> None:
    fail(node(egress="node-a"), 40125)
    assert node(egress="node-b").current(TOKEN)
    assert node(secret="mock-another-secret").current(TOKEN) is None


def test_secret_that_changes_in_its_file_lifts_the_hold_of_another_process(
    shelf: MemoryShelf, clock: FakeClock, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text("mock-the-old-secret")
    ours, theirs = (
        Holds(
            "wx0000000000000001",
            Secret("mock-the-old-secret", file=str(file), read=lambda path: Path(path).read_text()),
            shelf,
            egress="node-a",
            timing=Timing(),
            clock=clock,
        )
        for _ in range(2)
    )
    fail(ours, 40125)
    assert theirs.current(TOKEN)
    file.write_text("mock-official-secret")
    theirs.check(TOKEN)
    with theirs.watch(TOKEN):
        pass
    assert ours.current(TOKEN) is None


def test_the_days_quota_is_probed_after_1_5_15_60_60_minutes(node: Callable[..., Holds], clock: FakeClock) -> None:
    holds = node()
    clock.now -= 12 * 3600
    waits = []
    for _ in range(5):
        fail(holds, 45009)
        waits.append(held_for(holds, clock))
    assert waits == [60, 300, 900, 3600, 3600]


def test_one_caller_probes_and_the_others_are_still_told(node: Callable[..., Holds], clock: FakeClock) -> None:
    holds = node()
    fail(holds, 45009)
    clock.advance(60)
    with holds.watch(TOKEN), pytest.raises(WeChatRefused), node().watch(TOKEN):
        pytest.fail("a second probe")
    with node().watch(TOKEN):
        pass  # the probe succeeded: the hold is gone


def fail_together(holds: Holds, calls: int) -> None:
    """So many calls were on their way when the first was refused."""
    with ExitStack() as on_their_way:
        on_their_way.enter_context(pytest.raises(WeChatRefused))
        for _ in range(calls):
            on_their_way.enter_context(holds.watch(CHECK))
        raise refusal(45009, "quota", endpoint=CHECK)


def test_calls_that_fail_together_count_as_one_failure(node: Callable[..., Holds], clock: FakeClock) -> None:
    holds = node()
    fail_together(holds, 3)
    assert held_for(holds, clock, CHECK) == 60


def test_any_other_answer_ends_the_hold_of_a_days_quota(node: Callable[..., Holds], clock: FakeClock) -> None:
    holds = node()
    fail(holds, 45009, CHECK)
    clock.advance(60)
    fail(holds, 87014, CHECK)
    with holds.watch(CHECK), node().watch(CHECK):
        pass  # two at once: nobody probes any more


def test_midnight_in_shanghai_ends_the_hold_of_a_days_quota(node: Callable[..., Holds], clock: FakeClock) -> None:
    holds = node()
    clock.now = MIDNIGHT_IN_SHANGHAI - 30
    fail(holds, 45009)
    assert held_for(holds, clock) == 30
    fail(holds, 45009)
    assert held_for(holds, clock) == 60  # a new day begins with the first wait


def test_lifting_all_forgets_holds_and_pauses(node: Callable[..., Holds], shelf: MemoryShelf) -> None:
    fail(node(), 40125)
    fail(node(), 89506)
    shelf.put("pause:wx0000000000000001:access_token", "{}", 60)
    shelf.put("budget:wx0000000000000001:access_token", "[0, 0]", 60)
    lift_all(shelf)
    assert node().current(TOKEN) is None
    assert shelf.get("pause:wx0000000000000001:access_token") is None
    assert shelf.get("budget:wx0000000000000001:access_token")


def test_lifting_one_account_leaves_the_others(node: Callable[..., Holds], shelf: MemoryShelf) -> None:
    other = node(appid="wx0000000000000002")
    fail(node(), 40125)
    fail(node(), 89506, CHECK)
    fail(other, 40125)
    for name in ("pause:{}:access_token", "retry:{}:jsapi_ticket", "budget:{}:access_token"):
        for appid in ("wx0000000000000001", "wx0000000000000002"):
            shelf.put(name.format(appid), "{}", 60)
    lift(shelf, "wx0000000000000001")
    assert node().current(TOKEN) is None
    assert node().current(CHECK) is None
    assert other.current(TOKEN)
    assert shelf.get("pause:wx0000000000000001:access_token") is None
    assert shelf.get("retry:wx0000000000000001:jsapi_ticket") is None
    assert shelf.get("budget:wx0000000000000001:access_token")
    assert shelf.get("pause:wx0000000000000002:access_token")


def test_no_note_holds_the_secret(node: Callable[..., Holds], shelf: MemoryShelf) -> None:
    fail(node(), 40125)
    assert "mock-official-secret" not in repr(shelf._notes)
