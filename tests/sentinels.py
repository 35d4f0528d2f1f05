"""A real Redis with a replica and three sentinels, each with a password."""

import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import redis

from tests.e2e.servers import eventually, free_port
from tests.programs import program
from tests.redis_server import answers

NAME = "mymaster"
PASSWORD, OF_SENTINELS = "redis-pa55word", "sentinel-pa55word"
_NEVER_MILLISECONDS, _DOWN_MILLISECONDS = 600_000, 300
_SENTINEL = f"""
port {{port}}
bind 127.0.0.1
requirepass {OF_SENTINELS}
sentinel sentinel-pass {OF_SENTINELS}
sentinel monitor {NAME} 127.0.0.1 {{primary}} 2
sentinel auth-pass {NAME} {PASSWORD}
sentinel down-after-milliseconds {NAME} {_NEVER_MILLISECONDS}
sentinel failover-timeout {NAME} 3000
"""


class Sentinels:
    """Five processes. They fail over when the test says so, not when the machine is busy."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._processes: list[subprocess.Popen[bytes]] = []
        self.primary, self.replica = (self._start_redis(port) for port in (free_port(), free_port()))
        self.replica.replicaof("127.0.0.1", _port(self.primary))
        eventually(lambda: self.replica.info("replication")["master_link_status"] == "up", "the replica has a copy")
        self._sentinels = [self._start_sentinel() for _ in range(3)]
        hosts = ",".join(f"127.0.0.1:{_port(sentinel)}" for sentinel in self._sentinels)
        self.url = f"redis+sentinel://:{PASSWORD}@{hosts}/{NAME}/0?sentinel_password={OF_SENTINELS}"
        eventually(self._know_each_other, "the sentinels know each other and the replica")

    def kill_primary(self) -> None:
        """End the primary at once. The sentinels do not notice yet."""
        self.primary.wait(1, 5000)  # writes up to now are on the replica
        self._processes[0].send_signal(signal.SIGKILL)
        self._processes[0].wait()

    def fail_over(self) -> None:
        """Let the sentinels notice; return when the replica has become the primary."""
        self._set_patience(_DOWN_MILLISECONDS)
        eventually(lambda: self.replica.info("replication")["role"] == "master", "the replica is promoted")
        self._set_patience(_NEVER_MILLISECONDS)

    def stop(self) -> None:
        """End all processes."""
        for client in (self.primary, self.replica, *self._sentinels):
            client.close()
        for process in self._processes:
            process.kill()
            process.wait()

    def _set_patience(self, milliseconds: int) -> None:
        for sentinel in self._sentinels:
            sentinel.sentinel_set(NAME, "down-after-milliseconds", milliseconds)

    def _know_each_other(self) -> bool:
        states: list[Any] = [sentinel.sentinel_master(NAME) for sentinel in self._sentinels]
        return all((state["num-other-sentinels"], state["num-slaves"]) == (2, 1) for state in states)

    def _start_redis(self, port: int) -> redis.Redis:
        options = {
            "--port": str(port),
            "--bind": "127.0.0.1",
            "--save": "",
            "--requirepass": PASSWORD,
            "--masterauth": PASSWORD,
            "--repl-diskless-sync-delay": "0",
        }
        return self._start([item for pair in options.items() for item in pair], port, PASSWORD)

    def _start_sentinel(self) -> redis.Redis:
        port = free_port()
        file = self._folder / f"sentinel-{port}.conf"
        file.write_text(_SENTINEL.format(port=port, primary=_port(self.primary)), "ascii")
        return self._start([str(file), "--sentinel"], port, OF_SENTINELS)

    def _start(self, options: list[str], port: int, password: str) -> redis.Redis:
        command = ["redis-server", *options]
        self._processes.append(subprocess.Popen(command, cwd=self._folder, stdout=subprocess.DEVNULL))
        client = redis.Redis("127.0.0.1", port, password=password, decode_responses=True)
        eventually(lambda: answers(client), "Redis answers")
        return client


def _port(client: redis.Redis) -> int:
    port: int = client.connection_pool.connection_kwargs["port"]
    return port


@contextmanager
def running_sentinels(folder: Path) -> Iterator[Sentinels]:
    """A primary, its replica and three sentinels. Without redis-server as `running_redis`."""
    program("redis-server", "redis-server")
    folder.mkdir()
    sentinels = Sentinels(folder)
    try:
        yield sentinels
    finally:
        sentinels.stop()
