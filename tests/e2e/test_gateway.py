"""SDKs behind the gateway: many clients in many processes while their token is revoked."""

import json
import signal
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat
from mock_wechat.wire import Request, Response
from tests.e2e.conftest import Seen
from tests.e2e.nodes import logged
from tests.e2e.servers import DEADLINE_SECONDS, Server, eventually, serving
from tests.e2e.uplink import CHECK, STABLE, TICKET, UNHURRIED, UNLIMITED

UPLOAD, DOWNLOAD = "/cgi-bin/media/upload", "/cgi-bin/media/get"
KEYS = [f"e2e-gateway-key-{number}-of-four-backends" for number in range(4)]
CLIENTS, CALLS = 64, 2000
FIVE_MB = bytes(range(256)) * 4 * 1024 * 5


class MediaWeChat(MockWeChat):
    """Returns the last upload."""

    def respond(self, request: Request) -> Response:
        """WeChat's answer."""
        if request.path == UPLOAD:
            self.upload = request.body
            return Response(b'{"type":"image","media_id":"m1","created_at":1}', "text/plain")
        if request.path == DOWNLOAD:
            return Response(self.upload, "image/jpeg")
        return super().respond(request)


@pytest.fixture
def wechat() -> Iterator[MediaWeChat]:
    with MediaWeChat(accounts=UNLIMITED) as mock:
        yield mock


class Client:
    """A process with an SDK: asks for a token once, and sends it with each call."""

    def __init__(self, server: Server, key: str, appid: str = MINI.appid) -> None:
        self._netloc = urlsplit(server.url).netloc
        self._key = key
        self._appid = appid
        self.token = ""

    def log_in(self) -> None:
        """Ask for a token, in one of two ways."""
        asking = {"grant_type": "client_credential", "appid": self._appid, "secret": self._key}
        document = json.loads(self._send("POST", STABLE, json.dumps(asking).encode()))
        self.token = str(document["access_token"])

    def call(self, method: str, path: str, body: bytes | None = None, **query: str) -> bytes:
        """The body of the answer."""
        return self._send(method, f"{path}?{urlencode({'access_token': self.token, **query})}", body)

    def check(self) -> Any:
        """The answer to a call that always works."""
        return json.loads(self.call("POST", CHECK, '{"content":"你好"}'.encode()))

    def _send(self, method: str, target: str, body: bytes | None = None) -> bytes:
        connection = HTTPConnection(self._netloc, timeout=DEADLINE_SECONDS)
        try:
            connection.request(method, target, body, {"Connection": "close"})
            response = connection.getresponse()
            assert response.status == 200
            return response.read()
        finally:
            connection.close()


def fetches(wechat: MockWeChat, path: str, appid: str) -> int:
    return sum(call.appid == appid for call in wechat.calls(path))


def keys_file(folder: Path, keys: list[str]) -> str:
    """A configuration with a gateway key for each backend."""
    tables = [f'[keys.backend{n}]\nkey = "{key}"\nscopes = ["gateway", "sns"]\n' for n, key in enumerate(keys)]
    (folder / "keys.toml").write_text("\n".join(tables))
    return str(folder / "keys.toml")


def test_no_call_of_64_clients_fails_while_the_token_is_revoked_three_times(
    wechat: MediaWeChat, seen: Seen, tmp_path: Path
) -> None:
    with ExitStack() as stack:
        folders = [tmp_path / "one", tmp_path / "other"]
        environment = {
            **wechat.environment,
            **UNHURRIED,
            "WECHAT_SECRET_KEY": "a-secret-key-of-both-of-these-nodes",
            "WECHAT_STORE_URL": f"sqlite:///{tmp_path}/credentials.db",
        }
        servers = []
        for folder, workers in zip(folders, ("8", "2"), strict=True):
            folder.mkdir()
            settings = {**environment, "WECHAT_CONFIG": keys_file(folder, KEYS)}
            servers.append(stack.enter_context(serving(folder, settings, "--workers", workers)))
        one, other = servers
        clients = [Client(one, KEYS[number % len(KEYS)]) for number in range(CLIENTS)]
        answers = many_calls(wechat, clients, seen)
        assert Counter(answer.get("errcode", 0) for answer in answers) == {0: CALLS}
        assert 1 <= fetches(wechat, STABLE, MINI.appid) <= 1 + 3
        refused = sum(call.errcode == 40001 for call in wechat.calls(CHECK))
        assert refused > 0
        assert fetches(wechat, CHECK, MINI.appid) == CALLS * 3 // 4 + refused
        one_client = Client(one, KEYS[0], OFFICIAL.appid)
        one_client.log_in()
        ticket = json.loads(one_client.call("GET", TICKET, type="jsapi"))
        assert ticket["errcode"] == 0
        assert_file_comes_back(one_client, wechat)
        # A pass is good on the other node, until its key is removed there.
        moved = Client(other, KEYS[1])
        moved.token = clients[1].token
        assert moved.check()["errcode"] == 0
        keys_file(folders[1], [KEYS[0]])
        before = other.workers()
        other.process.send_signal(signal.SIGHUP)
        eventually(lambda: not before & other.workers(), "the workers are replaced")
        refusal = moved.check()
        assert refusal["errcode"] == 40001
        moved.token = clients[0].token
        assert moved.check()["errcode"] == 0
        seen += [json.dumps(refusal), other.log.read_bytes(), one.log.read_bytes()]
        for secret in (*KEYS, *(client.token for client in clients)):
            assert not any(logged(server, secret) for server in servers)
    wechat.assert_secret_only_sent_to_token_endpoints()
    sent = [value for call in wechat.calls() for value in (*call.query.values(), str(call.body), str(call.headers))]
    assert not any(key in value for key in KEYS for value in sent)


def many_calls(wechat: MediaWeChat, clients: list[Client], seen: Seen) -> list[Any]:
    """The answers to all calls of the clients; in their course the token is revoked three times."""
    kinds: list[Callable[[Client], bytes]] = [
        lambda client: client.call("POST", CHECK, b'{"content":"hello"}'),
        lambda client: client.call("POST", CHECK, b'{"content":"hello"}', other="a b+c%"),
        lambda client: client.call("POST", UPLOAD, b"x" * 3000, type="image"),
        lambda client: client.call("POST", CHECK, b'{"content":"' + b"x" * 600 + b'"}'),
    ]
    with ThreadPoolExecutor(len(clients)) as threads:
        list(threads.map(Client.log_in, clients))
        calls = [threads.submit(kinds[n % len(kinds)], clients[n % len(clients)]) for n in range(CALLS)]
        for part in (1, 2, 3):
            eventually(lambda: sum(call.done() for call in calls) >= CALLS * part // 4, "some are made")  # noqa: B023
            wechat.revoke(MINI.appid, "stable_token")
        bodies = [call.result() for call in calls]
    seen += bodies
    return [json.loads(body) for body in bodies]


def assert_file_comes_back(client: Client, wechat: MediaWeChat) -> None:
    """A file of 5 MB arrives at WeChat, and comes back from there, as it is."""
    assert json.loads(client.call("POST", UPLOAD, FIVE_MB, type="image"))["media_id"] == "m1"
    assert wechat.upload == FIVE_MB
    assert client.call("GET", DOWNLOAD, media_id="m1") == FIVE_MB
