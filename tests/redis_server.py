"""A real Redis for tests: started on a free port, nothing kept on disk."""

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import redis

from tests.e2e.servers import eventually, free_port
from tests.programs import program


class RedisServer:
    """A running redis-server."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self.client = redis.Redis.from_url(self.url, decode_responses=True)
        self._folder = folder
        self.start()

    def start(self) -> None:
        """Start with an empty store."""
        options = ["--port", str(self.port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
        self._process = subprocess.Popen(["redis-server", *options], cwd=self._folder, stdout=subprocess.DEVNULL)
        eventually(lambda: answers(self.client), "Redis answers")

    def stop(self) -> None:
        """Kill the process, as when its machine dies."""
        self._process.kill()
        self._process.wait()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Within this block it accepts connections and answers nothing."""
        os.kill(self._process.pid, signal.SIGSTOP)
        try:
            yield
        finally:
            os.kill(self._process.pid, signal.SIGCONT)

    def pass_time(self, seconds: float) -> None:
        """Age all entries by `seconds`."""
        for name in self.client.scan_iter():
            left = self.client.pttl(name)
            if left >= 0:
                self.client.pexpire(name, left - round(seconds * 1000))


def answers(client: redis.Redis) -> bool:
    """Whether the server of this client answers."""
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


@contextmanager
def running_redis(folder: Path) -> Iterator[RedisServer]:
    """An empty Redis. Without redis-server the test is skipped, and fails where CI is set."""
    program("redis-server", "redis-server")
    server = RedisServer(folder)
    try:
        yield server
    finally:
        server.client.close()
        server.stop()


@pytest.fixture
def redis_server(tmp_path: Path) -> Iterator[RedisServer]:
    """An empty Redis for one test."""
    with running_redis(tmp_path) as server:
        yield server
