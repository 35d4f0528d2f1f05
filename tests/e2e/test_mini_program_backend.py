"""examples/mini_program_backend, in Flask and in Node, against a real server and the mock."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest
import requests

from mock_wechat import MINI, MockWeChat
from tests.e2e.conftest import assert_no_secret_in
from tests.e2e.servers import DEADLINE_SECONDS, KEY, ROOT, Server, eventually, free_port, serving, stop

FOLDER = ROOT / "examples" / "mini_program_backend"
COMMANDS = {
    "flask": [sys.executable, "-m", "flask", "--app", str(FOLDER / "backend.py"), "run", "--port"],
    "node": ["node", str(FOLDER / "backend.mjs")],
}


@pytest.fixture(scope="module")
def wechat() -> Iterator[MockWeChat]:
    with MockWeChat() as mock:
        mock.set_words(
            {"word": "赌博", "suggest": "risky", "label": 20006}, {"word": "可疑", "suggest": "review", "label": 100}
        )
        yield mock


@pytest.fixture(scope="module")
def server(wechat: MockWeChat, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    environment = {
        **wechat.environment,
        "WECHAT_API_KEYS": f"shop:session+moderation={KEY}",
        "WECHAT_SECRET_KEY": "a-secret-key-of-the-login-tests!!",
    }
    with serving(tmp_path_factory.mktemp("server"), environment) as server:
        yield server
        assert_no_secret_in([server.log.read_bytes()], [wechat])


@pytest.fixture(scope="module", params=COMMANDS)
def backend(
    request: pytest.FixtureRequest, server: Server, wechat: MockWeChat, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """Its address."""
    if request.param == "node" and shutil.which("node") is None:
        pytest.skip("node is missing")
    port, log = free_port(), tmp_path_factory.mktemp("backend") / "backend.log"
    environment = {"PATH": os.environ["PATH"], "CENTRAL": server.url, "KEY": KEY, "PORT": str(port)}
    command = [*COMMANDS[request.param], *([str(port)] if request.param == "flask" else [])]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=output, stderr=output)
    url = f"http://127.0.0.1:{port}"
    try:
        eventually(lambda: listens(url) or process.poll() is not None, "the backend answers")
        assert process.poll() is None, log.read_text()
        yield url
    finally:
        stop(process)
    assert_no_secret_in([log.read_bytes()], [wechat])


def listens(url: str) -> bool:
    try:
        return requests.get(url, timeout=5).status_code == 404
    except requests.ConnectionError:
        return False


def post(url: str, token: str = "", **given: str) -> requests.Response:
    """The backend's answer to the mini program."""
    return requests.post(url, json=given, headers={"Authorization": f"Bearer {token}"}, timeout=DEADLINE_SECONDS)


def test_login_comments_and_phone_number(backend: str, wechat: MockWeChat) -> None:
    code, openid = wechat.js_code(), wechat.openid(MINI.appid)
    login = post(f"{backend}/login", code=code)
    assert login.ok, login.text
    token = login.json()["token"]
    for content, outcome in (("你好", "published"), ("可疑", "waiting"), ("赌博", "refused")):
        assert post(f"{backend}/comments", token, content=content).json() == {"comment": outcome}
    checked = [call.body or "" for call in wechat.calls("/wxa/msg_sec_check")]
    assert all(openid in body for body in checked)
    assert post(f"{backend}/phone", token, code=wechat.phone_code()).json() == {"phone": "138****0001"}
    assert [call.query["js_code"] for call in wechat.calls("/sns/jscode2session")].count(code) == 1


def test_nothing_without_a_login(backend: str, wechat: MockWeChat) -> None:
    assert post(f"{backend}/comments", content="你好").status_code == 401
    assert post(f"{backend}/phone", "x" * 43, code=wechat.phone_code()).status_code == 401


def test_code_is_good_once(backend: str, wechat: MockWeChat) -> None:
    code = wechat.js_code()
    assert [post(f"{backend}/login", code=one).status_code for one in (code, code, "0" * 32)] == [200, 409, 409]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "{}", '{"code": 1}'])
def test_wrong_body_is_refused(backend: str, body: str) -> None:
    answer = requests.post(
        f"{backend}/login", body, headers={"Content-Type": "application/json"}, timeout=DEADLINE_SECONDS
    )
    assert answer.status_code == 400
