"""Real processes: a server as it is deployed, started and stopped by the test that needs it."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

ROOT = Path(__file__).parents[2]
KEY = "e2e-key-with-every-scope"
DEADLINE_SECONDS = 60.0

GUNICORN = (sys.executable, "-m", "gunicorn", "--config", "gunicorn.conf.py")
GRANIAN = (sys.executable, "-m", "app.serving.cli", "serve", "--granian")

logs: set[Path] = set()
"""of all servers that were started; after each test the fixture `seen` searches them for secrets"""


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def eventually(condition: Callable[[], object], what: str) -> None:
    """Poll until the condition holds; fail when it does not within a generous deadline."""
    give_up_at = time.monotonic() + DEADLINE_SECONDS
    while not condition():
        if time.monotonic() > give_up_at:
            raise AssertionError(f"not in {DEADLINE_SECONDS:g} s: {what}")
        time.sleep(0.05)


def answers(url: str) -> bool:
    """Whether this address is served."""
    try:
        return requests.get(url, timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


@dataclass
class Server:
    """A running gunicorn or granian."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def get(self, path: str, **parameters: str) -> requests.Response:
        """GET with the key of these tests."""
        return self._request("GET", path, params=parameters)

    def post(self, path: str, **options: Any) -> requests.Response:
        """POST with the key of these tests."""
        return self._request("POST", path, **options)

    def answers(self) -> bool:
        """Whether it serves."""
        return answers(f"{self.url}/healthz")

    def workers(self) -> set[int]:
        """The process ids of its workers."""
        master = self.process.pid
        return {int(worker) for worker in Path(f"/proc/{master}/task/{master}/children").read_text("ascii").split()}

    def connections(self) -> Counter[int]:
        """The number of open connections of each worker that has any."""
        port = f":{int(self.url.rpartition(':')[2]):04X}"
        lines = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()[1:]]
        established = {f"socket:[{line[9]}]" for line in lines if line[1].endswith(port) and line[3] == "01"}
        return Counter(worker for worker in self.workers() for opened in _open_files(worker) if opened in established)

    def _request(self, method: str, path: str, **options: Any) -> requests.Response:
        headers = {"Authorization": f"Bearer {KEY}"}
        return requests.request(method, self.url + path, headers=headers, timeout=DEADLINE_SECONDS, **options)


def _open_files(process: int) -> Iterator[str]:
    for number in Path(f"/proc/{process}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed meanwhile
            yield str(number.readlink())


@contextmanager
def serving(
    folder: Path,
    environment: Mapping[str, str],
    *options: str,
    port: int | None = None,
    app: str = "wsgi:app",
    granian: bool = False,
    through: Sequence[str] = (),
) -> Iterator[Server]:
    """gunicorn, or granian, with this environment (and nothing else of ours); store and log are in `folder`.

    `options` are gunicorn's; granian gets them as settings. `through` is a command that becomes the command behind it,
    such as `setpriv` with its options.
    """
    port = port or free_port()
    log = folder / "server.log"
    logs.add(log)
    settings = {
        "PORT": str(port),
        "PATH": os.environ["PATH"],
        "WECHAT_STORE_URL": f"sqlite:///{folder}/credentials.db",
        "WECHAT_JS_DOMAINS": f"127.0.0.1:{port}",
        "WECHAT_VERDICT_CACHE_SECONDS": "0",  # each check reaches WeChat
        "WECHAT_REDIS_TIMEOUT_SECONDS": "5",  # no busy machine makes Redis seem down
        "WECHAT_API_KEYS": f"e2e:token+ticket+moderation+diagnose+ops={KEY}",
        **environment,
    }
    if granian:
        settings |= {
            f"WECHAT_{name[2:].upper()}": value for name, value in zip(options[::2], options[1::2], strict=True)
        }
    command = [*through, *(GRANIAN if granian else (*GUNICORN, *options, app))]
    with log.open("ab") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=settings, stdout=output, stderr=output)
    server = Server(f"http://127.0.0.1:{port}", process, log)
    try:
        eventually(lambda: server.answers() or process.poll() is not None, "the server answers")
        assert process.poll() is None, log.read_text()
        yield server
    finally:
        stop(process)


def stop(process: subprocess.Popen[bytes]) -> int:
    """Send SIGTERM, and SIGKILL if it does not end; its exit status."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    try:
        return process.wait(DEADLINE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
