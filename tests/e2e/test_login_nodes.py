"""Logins on two nodes with one Redis: each step may come to another node."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from mock_wechat import MockWeChat
from tests.e2e.conftest import assert_no_secret_in
from tests.e2e.logins import EXCHANGE, VERIFIER, Phone, ticket_of
from tests.e2e.servers import KEY, Server, free_port, serving
from tests.redis_server import running_redis

SITE = "http://127.0.0.1:3000"


@pytest.fixture(scope="module")
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        yield mock


@pytest.fixture(scope="module")
def nodes(tmp_path_factory: pytest.TempPathFactory, wechat: MockWeChat) -> Iterator[tuple[Server, Server]]:
    port = free_port()
    environment = {
        **wechat.environment,
        "WECHAT_API_KEYS": f"e2e:oauth+session={KEY}",
        "WECHAT_LOGIN_ORIGINS": SITE,
        "WECHAT_PUBLIC_URL": f"http://127.0.0.1:{port}",  # of the balancer in front of both
        "WECHAT_SECRET_KEY": "a-secret-key-of-the-login-tests!!",
    }
    with (
        running_redis(tmp_path_factory.mktemp("redis")) as redis,
        serving(tmp_path_factory.mktemp("first"), environment | {"WECHAT_STORE_URL": redis.url}, port=port) as first,
        serving(tmp_path_factory.mktemp("second"), environment | {"WECHAT_STORE_URL": redis.url}) as second,
    ):
        yield first, second
        assert_no_secret_in([node.log.read_bytes() for node in (first, second)], [wechat])


def test_start_on_one_node_callback_on_the_other_redeem_on_either(nodes: tuple[Server, Server]) -> None:
    first, second = nodes
    for redeems, other in (nodes, nodes[::-1]):
        phone = Phone()
        callback = phone.callback(first.url, next=f"{SITE}/", state="s").replace(first.url, second.url)
        given = {"ticket": ticket_of(phone.get(callback)), "verifier": VERIFIER}
        answer = redeems.post("/api/oauth/redeem", json=given)
        assert answer.ok, answer.text
        assert answer.json()["scope"] == "snsapi_base"
        assert not other.post("/api/oauth/redeem", json=given).ok


def test_both_nodes_get_the_callback_at_once_and_one_exchanges_it(
    nodes: tuple[Server, Server], wechat: MockWeChat
) -> None:
    phone, before = Phone(), len(wechat.calls(EXCHANGE))
    callback = phone.callback(nodes[0].url, next=f"{SITE}/", state="s")
    wechat.fail(EXCHANGE, delay_seconds=0.2)
    callbacks = [callback.replace(nodes[0].url, node.url) for node in nodes]
    with ThreadPoolExecutor(4) as threads:
        tickets = {ticket_of(answer) for answer in threads.map(phone.get, callbacks * 2)}
        assert len(tickets) == 1
        assert len(wechat.calls(EXCHANGE)) == before + 1
        given = {"ticket": tickets.pop(), "verifier": VERIFIER}
        redeemed = list(threads.map(lambda node: node.post("/api/oauth/redeem", json=given), nodes * 2))
    assert sorted(answer.ok for answer in redeemed) == [False, False, False, True]


def test_session_of_one_node_works_at_the_other(nodes: tuple[Server, Server], wechat: MockWeChat) -> None:
    first, second = nodes
    handle = first.post("/api/session", json={"code": wechat.js_code()}).json()["session"]
    assert second.post("/api/session/check", json={"session": handle}).ok
