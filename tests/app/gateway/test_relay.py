"""The relay: what goes on to WeChat, what comes back, and which calls are made once more."""

import gzip
import io
import json
import traceback
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest

from app.accounts import Secret
from app.credentials import CredentialProvider
from app.credentials.sources import stable
from app.errors import WeChatUnavailable
from app.gateway import GatewayRefusal
from app.gateway.relay import ForwardedAnswer, ForwardedCall, Relay
from app.stores import Key, MemoryStore
from app.wechat import Hosts, NoAnswer, Opener, Transport, WeChatClient
from mock_wechat import MockWeChat
from mock_wechat.state.accounts import MINI
from tests.app.credentials.harness import Harness
from tests.app.wechat.conftest import Peer, answer
from tests.doubles import FakeClock, cooldowns, dependencies
from tests.e2e.servers import eventually, free_port

CHECK = "/wxa/msg_sec_check"
TEXT = json.dumps({"content": "特3456书", "version": 2, "scene": 2, "openid": "o"}, ensure_ascii=False).encode()
FINE = answer(b'{"errcode":0,"errmsg":"ok"}')
REFUSED = answer(b'{"errcode":40001,"errmsg":"invalid credential rid: 64b0ba1d-74e53e36-717abb43"}')


def call(path: str = CHECK, query: str = "", body: bytes | None = TEXT, **fields: Any) -> ForwardedCall:
    file = None if body is None else io.BytesIO(body)
    return ForwardedCall("GET" if body is None else "POST", path, query, body=file, length=len(body or b""), **fields)


def relay(*hosts: str) -> Relay:
    return Relay(Opener(Hosts(hosts), connect_timeout_seconds=1, read_timeout_seconds=5))


def whole(came: ForwardedAnswer) -> bytes:
    try:
        return b"".join(came)
    finally:
        came.close()


def refusal(sender: Relay, provider: CredentialProvider | None, asked: ForwardedCall | None = None) -> GatewayRefusal:
    """The gateway's own answer, checked for tokens and the URL."""
    with pytest.raises(GatewayRefusal) as caught:
        sender.send(asked or call(), provider, ["the-app-secret"])
    assert caught.value.__context__ is None
    assert not any(secret in repr(vars(caught.value)) for secret in ("t1", "t2", "the-app-secret", CHECK))
    assert "gateway" in caught.value.errmsg
    return caught.value


@pytest.fixture
def provider() -> CredentialProvider:
    """Its tokens are t1, t2, ..."""
    return Harness().provider


# -- against the mock


class World:
    """A mock WeChat, and a provider and a relay that know nothing but its address."""

    def __init__(self, mock: MockWeChat, clock: FakeClock) -> None:
        self.mock = mock
        store, secret = MemoryStore(clock), Secret(MINI.secret)
        self.transport = Transport([mock.url], clock=clock, sleep=clock.sleep)
        of_account = cooldowns(store, clock, appid=MINI.appid, secret=secret)
        client = WeChatClient(MINI.appid, secret, self.transport, of_account)
        key = Key(MINI.appid, "access_token")
        self.provider = CredentialProvider(key, [stable(client)], of_account, dependencies(store, clock))
        self.relay = Relay(Opener(self.transport.hosts))

    def ask(self, asked: ForwardedCall) -> dict[str, Any]:
        document: dict[str, Any] = json.loads(whole(self.relay.send(asked, self.provider, [MINI.secret])))
        return document

    def count(self, path: str) -> int:
        return len(self.mock.calls(path))


@pytest.fixture
def world() -> Iterator[World]:
    clock = FakeClock()
    with MockWeChat(clock=clock, seed=1) as mock:
        yield World(mock, clock)


def test_call_has_our_token_in_place_of_the_pass(world: World) -> None:
    answered = world.ask(call(query="a=%7e&access_token=p1.a-pass&b=1%20"))
    (seen,) = world.mock.calls(CHECK)
    assert (answered["errcode"], seen.token_state, seen.body) == (seen.errcode, "current", TEXT.decode())
    assert list(seen.query) == ["a", "access_token", "b"]


def test_revoked_token_costs_one_fetch_and_one_repetition(world: World) -> None:
    codes = [world.ask(call())["errcode"]]
    world.mock.revoke(MINI.appid, "stable_token")
    codes.append(world.ask(call())["errcode"])
    states = [(seen.token_state, seen.body) for seen in world.mock.calls(CHECK)]
    assert codes[0] == codes[1] != 40001
    assert states == [("current", TEXT.decode()), ("dead", TEXT.decode()), ("current", TEXT.decode())]
    assert world.count("/cgi-bin/stable_token") == 2


def test_code_is_used_up_once(world: World) -> None:
    code = json.dumps({"code": world.mock.phone_code()}).encode()
    asked = call("/wxa/business/getuserphonenumber", body=code, once=True)
    world.mock.fail("/wxa/business/getuserphonenumber", -1)
    assert world.ask(asked)["errcode"] == -1
    assert world.count("/wxa/business/getuserphonenumber") == 1


def test_quoted_requests_show_no_token_and_no_secret(world: World) -> None:
    """Not even a token that is dead by now."""
    world.ask(call())
    dead = world.provider.get().value
    world.mock.revoke(MINI.appid, "stable_token")
    refused_at = whole(world.relay.send(call(query=f"access_token={dead}")))
    rid = json.loads(refused_at)["errmsg"].rpartition(" ")[2]
    world.ask(call())
    quoted = whole(
        world.relay.send(call("/cgi-bin/openapi/rid/get", body=json.dumps({"rid": rid}).encode()), world.provider)
    )
    assert b"access_token=****" in quoted
    assert dead.encode() not in quoted
    assert json.loads(quoted)["request"]["client_ip"]


# -- the repetition


@pytest.mark.parametrize(
    "body",
    [
        b'{"errcode":40001,"errmsg":"x"}',
        b'{"errmsg":"x","errcode":"40014"}',
        b'{"errcode": 42001}',
        b'{"errmsg":"\x01","errcode":42001}',
    ],
)
def test_call_with_a_refused_token_is_made_once_more(peer: Peer, provider: CredentialProvider, body: bytes) -> None:
    peer.turns, peer.pieces, peer.keeps = [answer(body)], FINE, 2
    big = TEXT * 10_000
    came = relay(peer.url).send(call(query="access_token=p1", body=big), provider)
    assert (came.repeated, came.errcode, whole(came)) == (True, 0, b'{"errcode":0,"errmsg":"ok"}')
    first, second = peer.requests
    assert first.partition(b" HTTP")[0] == b"POST /wxa/msg_sec_check?access_token=t1"
    assert second.partition(b" HTTP")[0] == b"POST /wxa/msg_sec_check?access_token=t2"
    assert first.partition(b"\r\n")[2] == second.partition(b"\r\n")[2]
    assert second.endswith(big)


@pytest.mark.parametrize(
    "body",
    [
        b'{"errcode":-1}',
        b'{"errcode":40125}',
        b'{"errcode":true}',
        b'{"errcode":null}',
        b'{"errcode":[40001]}',
        b'{"errcode":40001.0}',
        b'{"answer":{"errcode":40001}}',
        b'[{"errcode":40001}]',
        b' {"errcode":40001}',
        b'{"errcode":40001',
        b'{"errcode":40001}}',
        b'{"errcode":40001}' + b" " * 70_000,
        b'{"errcode":40001,"x":"' + b"x" * 70_000 + b'"}',
        gzip.compress(b'{"errcode":40001}', mtime=0),
        b"<html>40001</html>",
        b"",
        b'{"a":' * 10_000,
    ],
    ids=lambda body: repr(body[:24]),
)
def test_any_other_answer_goes_through(peer: Peer, provider: CredentialProvider, body: bytes) -> None:
    peer.answers(body)
    came = relay(peer.url).send(call(), provider)
    assert (whole(came), came.repeated, len(peer.requests)) == (body, False, 1)


def test_second_answer_goes_through_whatever_it_is(peer: Peer, provider: CredentialProvider) -> None:
    peer.pieces, peer.keeps = REFUSED, 2
    came = relay(peer.url).send(call(), provider)
    assert (came.errcode, came.rid, came.repeated) == (40001, "64b0ba1d-74e53e36-717abb43", True)
    assert json.loads(whole(came))["errcode"] == 40001
    assert len(peer.requests) == 2


@pytest.mark.parametrize(("once", "requests"), [(False, 2), (True, 1)])
def test_code_is_not_sent_with_the_same_token_again(peer: Peer, once: bool, requests: int) -> None:
    harness = Harness(stable=True)
    harness.wechat.value = "t1"
    peer.pieces, peer.keeps = REFUSED, 2
    came = relay(peer.url).send(call("/wxa/business/getuserphonenumber", once=once), harness.provider)
    assert (came.errcode, came.repeated, len(peer.requests)) == (40001, requests == 2, requests)


def test_first_answer_goes_through_without_a_successor(peer: Peer) -> None:
    harness = Harness()
    harness.provider.get()
    harness.wechat.failure = WeChatUnavailable("down")
    peer.pieces = answer(b'{"errcode":40001,"errmsg":"invalid credential t1"}')
    came = relay(peer.url).send(call(), harness.provider)
    assert (whole(came), came.repeated) == (b'{"errcode":40001,"errmsg":"invalid credential **"}', False)
    assert len(peer.requests) == 1


def test_endless_refusals_are_bounded_by_the_providers_budget(peer: Peer) -> None:
    harness = Harness()
    peer.pieces, peer.keeps = REFUSED, 3
    codes = {relay(peer.url).send(call(), harness.provider).errcode for _ in range(10)}
    assert (codes, harness.wechat.fetches, len(peer.requests)) == ({40001}, 4, 13)


def test_call_without_our_token_is_never_repeated(peer: Peer) -> None:
    peer.pieces = REFUSED
    came = relay(peer.url).send(call("/sns/userinfo", "access_token=a-users&openid=o", None))
    assert (came.errcode, came.repeated) == (40001, False)
    assert [request.partition(b" HTTP")[0] for request in peer.requests] == [
        b"GET /sns/userinfo?access_token=a-users&openid=o"
    ]


@pytest.mark.parametrize(("once", "connections"), [(False, 1), (True, 2)])
def test_call_with_a_code_has_a_new_connection(
    peer: Peer, provider: CredentialProvider, once: bool, connections: int
) -> None:
    peer.pieces, peer.keeps = FINE, 5
    sender = relay(peer.url)
    for _ in range(2):
        sender.send(call(once=once), provider)
    assert (peer.connections, len(peer.requests)) == (connections, 2)


# -- headers


def test_only_some_headers_are_sent(peer: Peer, provider: CredentialProvider) -> None:
    peer.pieces = FINE
    given = {
        "Content-Type": "application/json; charset=x",
        "Accept": "a/b",
        "Wechatmp-Serial": "s",
        "Authorization": "Bearer key",
        "Cookie": "c",
        "X-Forwarded-For": "1.2.3.4",
        "Accept-Encoding": "gzip",
        "Connection": "close",
        "X-WeChat-Account": "shop",
        "Content-Length": "7",
        "Transfer-Encoding": "chunked",
        "Host": "internal",
        "User-Agent": "an SDK",
    }
    relay(peer.url).send(call(body=b"{}", headers=list(given.items())), provider)
    assert peer.requests[0].decode().split("\r\n") == [
        "POST /wxa/msg_sec_check?access_token=t1 HTTP/1.1",
        f"Host: 127.0.0.1:{peer.port}",
        "Accept-Encoding: identity",
        "User-Agent: wechat-central-server",
        "Content-Type: application/json; charset=x",
        "Accept: a/b",
        "Wechatmp-Serial: s",
        "X-WeChat-Hop: 1",
        "Content-Length: 2",
        "",
        "{}",
    ]


def test_only_some_headers_come_back(peer: Peer, provider: CredentialProvider) -> None:
    headers = {
        "Content-Type": "image/jpeg",
        "Content-disposition": 'attachment; filename="a.jpg"',
        "Wechatmp-Signature": "s",
        "Set-Cookie": "c",
        "Location": "/elsewhere",
        "Server": "w",
        "Connection": "close",
    }
    peer.answers(
        b"\xff\xd8", status="302 Found", headers="".join(f"{name}: {value}\r\n" for name, value in headers.items())
    )
    came = relay(peer.url).send(call(), provider)
    assert (came.status, came.errcode, whole(came)) == (302, None, b"\xff\xd8")
    assert dict(came.headers) == {**dict(list(headers.items())[:3]), "Content-Length": "2"}


@pytest.mark.parametrize(("hop", "sent"), [(None, b"1"), ("1", b"2")])
def test_gateways_in_a_row_are_counted(peer: Peer, provider: CredentialProvider, hop: str | None, sent: bytes) -> None:
    peer.pieces = FINE
    relay(peer.url).send(call(headers=[("X-Wechat-Hop", hop)] if hop else []), provider)
    assert b"X-WeChat-Hop: " + sent + b"\r\n" in peer.requests[0]


@pytest.mark.parametrize("hop", ["2", "3", "-1", "x"])
def test_third_gateway_in_a_row_refuses(peer: Peer, provider: CredentialProvider, hop: str) -> None:
    assert refusal(relay(peer.url), provider, call(headers=[("X-WeChat-Hop", hop)])).errcode == 48001
    assert peer.connections == 0


# -- no answer


def test_call_that_was_not_sent_is_busy(provider: CredentialProvider) -> None:
    assert refusal(relay(f"http://127.0.0.1:{free_port()}"), provider).errcode == -1


@pytest.mark.parametrize("repeated", [False, True])
def test_unanswered_call_has_a_code_that_no_sdk_repeats(
    peer: Peer, provider: CredentialProvider, repeated: bool
) -> None:
    peer.turns, peer.keeps = [REFUSED] if repeated else [], 2
    peer.pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{", None]
    assert refusal(relay(peer.url), provider).errcode == 599001
    assert len(peer.requests) == 1 + repeated


def test_call_without_a_token_is_not_sent(peer: Peer) -> None:
    harness = Harness()
    harness.wechat.failure = WeChatUnavailable("WeChat, /test: could not be reached.")
    assert refusal(relay(peer.url), harness.provider).errcode == -1
    assert peer.connections == 0


# -- streams


def test_download_is_streamed_unchanged(peer: Peer, provider: CredentialProvider) -> None:
    content = b"t1" + bytes(range(256)) * 20_000
    peer.answers(content, headers="Content-Type: audio/amr\r\n")
    came = relay(peer.url).send(call(body=None), provider)
    parts = list(came)
    came.close()
    assert b"".join(parts) == content
    assert max(map(len, parts)) <= 64 * 1024
    assert dict(came.headers)["Content-Length"] == str(len(content))


def test_answer_cut_after_it_began_raises(peer: Peer, provider: CredentialProvider) -> None:
    peer.pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 200000\r\n\r\n" + b"x" * 100_000, None]
    came = relay(peer.url).send(call(body=None), provider)
    with pytest.raises(NoAnswer) as caught:
        whole(came)
    assert "t1" not in "".join(traceback.format_exception(caught.value))


def test_closing_in_the_middle_closes_the_connection(peer: Peer, provider: CredentialProvider) -> None:
    """As when the client is gone."""
    peer.answers(b"x" * 50_000_000)
    came = relay(peer.url).send(call(body=None), provider)
    next(iter(came))
    came.close()
    eventually(lambda: peer.ended, "the peer's sending fails")
    assert peer.sent == 0


@pytest.mark.parametrize("cut", range(-3, 4))
def test_token_is_masked_across_parts_of_a_long_text(peer: Peer, cut: int) -> None:
    """The first part ends before, within and after the token."""
    harness = Harness()
    harness.wechat.value = token = "token-0123456789"
    before = b'{"x":"' + b"x" * (64 * 1024 - 6 - 8 + cut * 4)
    after = b"y" * 70_000 + b'"}'
    peer.answers(before + token.encode() + after + token.encode(), headers="Content-Type: application/json\r\n")
    came = relay(peer.url).send(call(), harness.provider)
    mask = b"*" * len(token)
    assert whole(came) == before + mask + after + mask
    assert came.errcode is None


@pytest.mark.parametrize("path", ["/cgi-bin/openapi/rid/get", "/cgi-bin/OpenAPI/rid/Get"])
def test_older_tokens_are_masked_in_long_quotes_too(peer: Peer, provider: CredentialProvider, path: str) -> None:
    before = b'{"x":"' + b"x" * (64 * 1024 - 30) + b"access_token="
    peer.answers(before + b"o" * 40 + b'&a=1"}' + b" " * 70_000)
    came = whole(relay(peer.url).send(call(path), provider))
    assert came == before + b"*" * 40 + b'&a=1"}' + b" " * 70_000


@pytest.mark.parametrize("content_type", ["text/plain", "application/json; encoding=utf-8"])
@pytest.mark.parametrize("secret", ["the-app-secret", "a+secret/in=URLs"])
def test_secrets_are_masked_in_each_spelling(
    peer: Peer, provider: CredentialProvider, secret: str, content_type: str
) -> None:
    said = f"[{secret} {quote(secret, safe='')} t1]".encode()
    peer.answers(said, headers=f"Content-Type: {content_type}\r\n")
    came = whole(relay(peer.url).send(call(), provider, [secret]))
    assert came.replace(b"*", b"") == b"[  ]"
    assert len(came) == len(said)


def test_other_peoples_tokens_stay(peer: Peer, provider: CredentialProvider) -> None:
    """A menu that is read, changed and created anew must not lose its URLs."""
    menu = b'{"menu":{"button":[{"url":"https://example.com/?access_token=theirs"}]}}'
    peer.answers(menu)
    assert whole(relay(peer.url).send(call("/cgi-bin/menu/get", body=None), provider)) == menu
