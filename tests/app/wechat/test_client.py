"""The request of each method, as in WECHAT.md, and its result."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import pytest

from app.accounts import Secret
from app.errors import SecretRefused, WeChatRefused, WeChatUnavailable
from app.wechat import Issued, Transport, WeChatClient
from app.wechat.calls import Call
from app.wechat.exchange import seconds_left
from tests.app.wechat.conftest import Peer, answer, client_over
from tests.doubles import FakeClock


@pytest.fixture
def client(peer: Peer) -> WeChatClient:
    return client_over(Transport([peer.url]), FakeClock())


def sent(peer: Peer) -> tuple[str, str, dict[str, str], bytes]:
    """Method, path, query, body of the last request."""
    head, _, body = peer.requests[-1].partition(b"\r\n\r\n")
    method, target, _ = head.split(b"\r\n")[0].decode().split(" ")
    return method, urlsplit(target).path, dict(parse_qsl(urlsplit(target).query)), body


def test_token_is_a_get_with_everything_in_the_query(client: WeChatClient, peer: Peer) -> None:
    peer.answers(b'{"access_token":"t1","expires_in":7200}')
    assert client.token() == Issued("t1", 7200)
    assert sent(peer) == (
        "GET",
        "/cgi-bin/token",
        {"grant_type": "client_credential", "appid": "wx0000000000000001", "secret": "mock-official-secret"},
        b"",
    )


@pytest.mark.parametrize("force", [False, True])
def test_stable_token_is_a_post_with_everything_in_json(client: WeChatClient, peer: Peer, force: bool) -> None:
    peer.answers(b'{"access_token":"t1","expires_in":345}')
    assert client.stable_token(force_refresh=force) == Issued("t1", 345)
    method, path, query, body = sent(peer)
    assert (method, path, query) == ("POST", "/cgi-bin/stable_token", {})
    assert json.loads(body) == {
        "grant_type": "client_credential",
        "appid": "wx0000000000000001",
        "secret": "mock-official-secret",
        "force_refresh": force,
    }


def test_getticket_asks_for_the_jsapi_ticket(client: WeChatClient, peer: Peer) -> None:
    peer.answers(b'{"errcode":0,"errmsg":"ok","ticket":"k1","expires_in":7200}')
    assert client.getticket("t1") == Issued("k1", 7200)
    assert sent(peer) == ("GET", "/cgi-bin/ticket/getticket", {"access_token": "t1", "type": "jsapi"}, b"")


def test_login_code_is_a_get_with_the_secret(client: WeChatClient, peer: Peer) -> None:
    peer.answers(b'{"openid":"o1","session_key":"k"}')
    assert client.jscode2session("c1") == {"openid": "o1", "session_key": "k"}
    login = {"appid": "wx0000000000000001", "secret": "mock-official-secret"}
    login |= {"js_code": "c1", "grant_type": "authorization_code"}
    assert sent(peer) == ("GET", "/sns/jscode2session", login, b"")


def test_phone_code_is_posted_alone(client: WeChatClient, peer: Peer) -> None:
    peer.answers(b'{"errcode":0,"phone_info":{}}')
    client.getuserphonenumber("t1", "c1")
    assert sent(peer) == ("POST", "/wxa/business/getuserphonenumber", {"access_token": "t1"}, b'{"code": "c1"}')


def test_session_key_is_checked_and_reset_by_its_signature(client: WeChatClient, peer: Peer) -> None:
    peer.answers(b'{"errcode":0,"errmsg":"ok","session_key":"k"}')
    signed = {"access_token": "t1", "openid": "o1", "signature": "s1", "sig_method": "hmac_sha256"}
    client.checksession("t1", "o1", "s1")
    assert sent(peer) == ("GET", "/wxa/checksession", signed, b"")
    assert client.resetusersessionkey("t1", "o1", "s1")["session_key"] == "k"
    assert sent(peer) == ("GET", "/wxa/resetusersessionkey", signed, b"")


@pytest.mark.parametrize(("errcode", "calls"), [(40125, 2), (40013, 2), (40001, 1), (40029, 1), (-1, 1)])
def test_login_code_is_sent_again_only_with_another_secret(peer: Peer, errcode: int, calls: int) -> None:
    """WeChat checks the AppSecret before the code, which is not used up."""
    secret = Secret("old-secret-of-the-file", file="secret", read=lambda _: "new-secret-of-the-file")
    client = client_over(Transport([peer.url]), FakeClock(), secret)
    peer.answers(json.dumps({"errcode": errcode, "errmsg": "no"}).encode())
    with pytest.raises(WeChatRefused):
        client.jscode2session("c1")
    assert len(peer.requests) == peer.connections == calls
    assert sent(peer)[2]["secret"] == ("new-secret-of-the-file" if calls == 2 else "old-secret-of-the-file")


def test_a_text_is_sent_as_it_is(client: WeChatClient, peer: Peer) -> None:
    peer.answers(b'{"errcode":0,"errmsg":"ok"}')
    client.msg_sec_check("t1", {"content": "完2347全dfji试3726测asad感3847知qwez到"})
    method, path, query, body = sent(peer)
    assert (method, path, query) == ("POST", "/wxa/msg_sec_check", {"access_token": "t1"})
    assert body == '{"content": "完2347全dfji试3726测asad感3847知qwez到"}'.encode()


@pytest.mark.parametrize(
    "answer",
    [
        {"expires_in": 7200},
        {"access_token": None, "expires_in": 7200},
        {"access_token": "", "expires_in": 7200},
        {"access_token": 5, "expires_in": 7200},
        {"access_token": "t1"},
        {"access_token": "t1", "expires_in": 0},
        {"access_token": "t1", "expires_in": -1},
        {"access_token": "t1", "expires_in": True},
        {"access_token": "t1", "expires_in": "soon"},
        {"access_token": "t1", "expires_in": 10**400},
        {"access_token": "t\ud800", "expires_in": 7200},
        {"access_token": "t1\n", "expires_in": 7200},
    ],
)
def test_half_a_credential_is_none(client: WeChatClient, peer: Peer, answer: dict[str, object]) -> None:
    """Else a page is signed with jsapi_ticket=None."""
    peer.answers(json.dumps(answer).encode())
    with pytest.raises(WeChatUnavailable):
        client.token()


def test_no_repr_shows_a_value(client: WeChatClient) -> None:
    assert "t1" not in repr(Issued("t1", 7200))
    assert "mock-official-secret" not in repr(client)


OLD, NEW = "mock-the-old-secret", "mock-official-secret"
WRONG = answer(b'{"errcode":40125,"errmsg":"invalid appsecret"}')
RIGHT = answer(b'{"access_token":"t1","expires_in":7200}')


def client_with_file(peer: Peer, file: Path) -> WeChatClient:
    """Its secret comes from this file."""
    clock = FakeClock()
    file.write_text(OLD)
    secret = Secret(OLD, owner="shop", file=str(file), read=lambda path: Path(path).read_text())
    return client_over(Transport([peer.url], clock=clock, sleep=clock.sleep), clock, secret)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "secret"


@pytest.mark.parametrize("errcode", [40125, 40001, 40013, 40243])
@pytest.mark.parametrize("method", ["stable_token", "token"])
def test_secret_that_was_changed_in_its_file_is_used_at_once(peer: Peer, file: Path, method: str, errcode: int) -> None:
    client = client_with_file(peer, file)
    file.write_text(NEW)
    peer.turns = [answer(b'{"errcode":%d,"errmsg":"invalid"}' % errcode)]
    peer.pieces = RIGHT
    assert getattr(client, method)() == Issued("t1", 7200)
    assert [OLD.encode() in peer.requests[0], NEW.encode() in peer.requests[1]] == [True, True]
    assert len(peer.requests) == 2
    assert client.cooldowns.last("/cgi-bin/stable_token") is client.cooldowns.last("/cgi-bin/token") is None


def test_changed_secret_that_is_wrong_too_begins_a_cooldown(peer: Peer, file: Path) -> None:
    client = client_with_file(peer, file)
    file.write_text("mock-wrong-as-well")
    peer.pieces = WRONG
    for _ in range(3):
        with pytest.raises(SecretRefused) as caught:
            client.stable_token()
        assert caught.value.__context__ is None or "mock-" not in repr(caught.value.__context__)
    assert len(peer.requests) == 2
    file.write_text(NEW)
    peer.pieces = RIGHT
    assert client.stable_token() == Issued("t1", 7200)


def test_call_with_the_changed_secret_has_the_rest_of_the_deadline(
    peer: Peer, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both together must end within the lease."""
    client = client_with_file(peer, file)
    file.write_text(NEW)
    peer.turns, peer.pieces = [WRONG], RIGHT
    left: list[float] = []
    send = Transport.send

    def note_and_send(self: Transport, call: Call) -> dict[str, object]:
        left.append(seconds_left())
        return send(self, call)

    monkeypatch.setattr(Transport, "send", note_and_send)
    client.stable_token()
    first, second = left
    assert 10 >= first > second


def test_media_is_checked_by_version_2_and_named_by_its_trace_id(client: WeChatClient, peer: Peer) -> None:
    peer.answers(b'{"errcode":0,"errmsg":"ok","trace_id":"60f96f1d-3845297a-1976a3ae"}')
    trace_id = client.media_check_async("t1", "https://cdn.example.com/中.png", 2, "o1", 4)
    assert trace_id == "60f96f1d-3845297a-1976a3ae"
    method, path, query, body = sent(peer)
    assert (method, path, query) == ("POST", "/wxa/media_check_async", {"access_token": "t1"})
    assert json.loads(body) == {
        "media_url": "https://cdn.example.com/中.png",
        "media_type": 2,
        "version": 2,
        "scene": 4,
        "openid": "o1",
    }
    assert "中".encode() in body


@pytest.mark.parametrize("trace_id", [None, "", 7, "a:b", "x" * 65])
def test_accepted_media_without_a_trace_id_is_no_answer(client: WeChatClient, peer: Peer, trace_id: object) -> None:
    peer.answers(json.dumps({"errcode": 0, "errmsg": "ok", "trace_id": trace_id}).encode())
    with pytest.raises(WeChatUnavailable):
        client.media_check_async("t1", "https://cdn.example.com/a.png", 2, "o1", 4)
