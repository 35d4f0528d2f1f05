"""A web login on two nodes at once, and what their store holds of it."""

import threading
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from app.accounts import Account
from app.errors import StoreUnavailable
from app.login import LoginRequest, Sealer, WebLogin, sealer_of
from app.login.errors import LoginFailed, TicketRefused
from app.login.web import Begun
from app.stores import MemoryStore
from app.wechat import CallPool
from tests.doubles import FakeClock

APPID = "wx520c15f417810387"
NEXT = "https://h5.example.com/order"
ACCOUNT = Account("default", APPID, "secret", login_origins=frozenset({"https://h5.example.com"}))
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"  # RFC 7636, appendix B
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"


class Client:
    """WeChat for one account; counts exchanges. `meanwhile` happens while WeChat answers."""

    def __init__(self) -> None:
        self.codes: list[str] = []
        self.meanwhile: Callable[[], None] = lambda: None

    def oauth2_access_token(self, code: str) -> Mapping[str, Any]:
        self.codes.append(code)
        self.meanwhile()
        return {"openid": "oUser", "access_token": "user-token"}


class Nodes:
    """Two nodes with one store, and the browser that comes back."""

    def __init__(self, clock: FakeClock, ahead: float = 0) -> None:
        self.store = MemoryStore(clock)
        self.client = Client()
        self.waits = 0
        self.when_waiting: Callable[[], None] = lambda: None
        self.first, self.second = self._node(clock), self._node(clock, ahead)
        self.begun: Begun = self.first.begin(
            ACCOUNT, LoginRequest(NEXT, CHALLENGE, state="their-state"), "https://open.weixin.qq.com"
        )
        self.state = self.begun.url.partition("state=")[2].partition("#")[0]

    def _node(self, clock: FakeClock, ahead: float = 0) -> WebLogin:
        def sleep(seconds: float) -> None:
            self.waits += 1
            self.when_waiting()
            clock.advance(seconds)

        sealer: Sealer | None = sealer_of((), ["0123456789abcdef0123456789abcdef"])
        clients: Any = {APPID: self.client}
        return WebLogin(
            clients,
            self.store,
            sealer,
            "https://wx.example.com",
            CallPool(8),
            clock=lambda: clock() + ahead,
            sleep=sleep,
            deadline_seconds=10,
        )

    def finish(self, node: WebLogin, code: str = "code-1") -> str:
        return node.finish(self.state, code, self.begun.cookie)


@pytest.fixture
def nodes() -> Nodes:
    return Nodes(FakeClock())


def test_two_nodes_at_once_exchange_a_code_once_and_lead_to_the_same_page(nodes: Nodes) -> None:
    answered = threading.Event()
    second: list[str] = []
    other = threading.Thread(target=lambda: second.append(nodes.finish(nodes.second)))

    def let_the_first_go_on() -> None:
        answered.set()
        first_is_done.wait(30)

    first_is_done = threading.Event()
    nodes.when_waiting = let_the_first_go_on

    def while_wechat_answers() -> None:
        other.start()
        assert answered.wait(30)

    nodes.client.meanwhile = while_wechat_answers
    first = nodes.finish(nodes.first)
    first_is_done.set()
    other.join(30)
    assert second == [first]
    assert nodes.client.codes == ["code-1"]
    assert nodes.waits >= 1


@pytest.mark.parametrize("ahead", [0, -300])
def test_node_that_waits_in_vain_never_exchanges(ahead: float) -> None:
    nodes = Nodes(FakeClock(), ahead)  # the second node's clock may be wrong

    def die() -> None:
        raise SystemExit

    nodes.client.meanwhile = die
    nodes.store.put = lambda *_: None  # type: ignore[method-assign] # the first node dies before it can say so
    with pytest.raises(SystemExit):
        nodes.finish(nodes.first)
    with pytest.raises(LoginFailed) as caught:
        nodes.finish(nodes.second)
    assert caught.value.reason == "used"
    assert nodes.waits == pytest.approx(120, abs=1)  # 12 s: an exchange's deadline and a bit more
    assert nodes.client.codes == ["code-1"]


def test_store_holds_nothing_of_the_user_in_clear(nodes: Nodes) -> None:
    ticket = nodes.finish(nodes.first).partition("ticket=")[2].partition("&")[0]
    held = repr(list(nodes.store._entries.items()))
    private = ("oUser", "user-token", "code-1", nodes.state, nodes.begun.cookie, ticket, CHALLENGE, NEXT, "their-state")
    assert [one for one in private if one in held] == []
    assert nodes.second.redeem(ticket, VERIFIER, lambda _: True).openid == "oUser"


def test_ticket_is_good_for_a_minute_also_where_the_clock_is_ahead() -> None:
    nodes = Nodes(FakeClock(), ahead=90)
    ticket = nodes.finish(nodes.first).partition("ticket=")[2].partition("&")[0]
    assert nodes.second.redeem(ticket, VERIFIER, lambda _: True).openid == "oUser"


def test_login_whose_outcome_cannot_be_kept_can_start_again(nodes: Nodes) -> None:
    def fail(*_: object) -> None:
        raise StoreUnavailable("down")

    nodes.store.put = fail  # type: ignore[method-assign, assignment] # it fails
    with pytest.raises(LoginFailed) as caught:
        nodes.finish(nodes.first)
    again = "account=default&next=https%3A%2F%2Fh5.example.com%2Forder&challenge="
    assert (caught.value.reason, nodes.client.codes) == ("busy", ["code-1"])
    assert caught.value.start_again == f"{again}{CHALLENGE}&scope=snsapi_base&state=their-state"


def test_longest_attempt_fills_the_store_slowly(nodes: Nodes) -> None:
    longest = LoginRequest(f"{NEXT}?{'a' * 2000}", CHALLENGE, state="~" * 512)
    before = set(nodes.store._entries)
    nodes.first.begin(ACCOUNT, longest, "https://open.weixin.qq.com")
    [added] = set(nodes.store._entries) - before
    assert len(str(nodes.store._entries[added])) < 5000


def test_nothing_is_kept_longer_than_half_an_hour(nodes: Nodes) -> None:
    nodes.finish(nodes.first)
    nodes.store._clock.advance(1800)  # type: ignore[attr-defined] # the test's own
    assert list(nodes.store._entries) == []


def test_ticket_redeemed_on_two_nodes_at_once_is_good_once(nodes: Nodes) -> None:
    ticket = nodes.finish(nodes.first).partition("ticket=")[2].partition("&")[0]

    def meanwhile_elsewhere(_: str) -> bool:
        return nodes.second.redeem(ticket, VERIFIER, lambda _: True).openid == "oUser"

    with pytest.raises(TicketRefused):
        nodes.first.redeem(ticket, VERIFIER, meanwhile_elsewhere)
