"""Start the measured processes, each on a core of its own, and stop them again."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]

_START_SECONDS = 20.0
_STOP_SECONDS = 10.0

http = requests.Session()
http.trust_env = False  # no proxy of the environment on loopback


class DidNotStart(Exception):
    """A server does not answer; the text has the end of its log."""


@contextmanager
def running(command: Sequence[str], url: str, environment: Mapping[str, str], folder: Path, core: int) -> Iterator[int]:
    """Run `command` in the new `folder`, where its log is, on one core; its pid, once `url` answers.

    It gets this environment, PATH, and nothing else. Raises DidNotStart.
    """
    folder.mkdir()
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(core), *command],
            cwd=folder,
            env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
        )
    try:
        _wait_until_it_answers(process, url, log)
        yield process.pid
    finally:
        _stop(process)


def free_port() -> int:
    """A port of 127.0.0.1 that nothing listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def workers_mebibytes(master: int) -> float:
    """The largest resident memory (RSS) among the children of gunicorn's master process."""
    workers = Path(f"/proc/{master}/task/{master}/children").read_text(encoding="ascii").split()
    return max(_resident_mebibytes(int(worker)) for worker in workers)


def _resident_mebibytes(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 2**20


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            http.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise DidNotStart(f"{url} does not answer.\n{log.read_text(errors='replace')[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
