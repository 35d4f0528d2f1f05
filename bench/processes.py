"""Start the measured processes, each on a core of its own, and stop them again."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import requests

ROOT = Path(__file__).parents[1]

_START_SECONDS, _STOP_SECONDS = 20.0, 10.0

http = requests.Session()
http.trust_env = False  # no proxy of the environment on loopback


class Void(Exception):
    """The measurement is invalid; the text says why."""


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """All that a measured process gets: PATH, our packages, and `more`."""
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **more}


def pinned(command: Sequence[str], core: int) -> list[str]:
    """The command on one core; it ends when this process does, even if that is killed."""
    return ["setpriv", "--pdeathsig", "TERM", "taskset", "--cpu-list", str(core), *command]


@contextmanager
def running(command: Sequence[str], url: str, more: Mapping[str, str], folder: Path, core: int) -> Iterator[int]:
    """Run `command` in the new `folder`, where its log is, on one core; its pid, once `url` answers. Raises Void."""
    folder.mkdir()
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            pinned(command, core),
            cwd=folder,
            env=environment(more),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,  # Ctrl-C reaches this process alone, which then stops the others
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


def worker_mebibytes(process: int) -> float:
    """The largest resident memory (RSS) among the children of a process; its own if it has none."""
    pages = (Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1] for pid in _workers(process))
    return max(map(int, pages)) * os.sysconf("SC_PAGE_SIZE") / 2**20


def worker_seconds(process: int) -> float:
    """CPU time, user and system, that the children of a process have used so far; its own if it has none."""
    stats = (Path(f"/proc/{pid}/stat").read_bytes().rpartition(b")")[2].split() for pid in _workers(process))
    return sum(int(ticks) for fields in stats for ticks in fields[11:13]) / os.sysconf("SC_CLK_TCK")


def _workers(process: int) -> list[str]:
    children = Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
    return children or [str(process)]


def _wait_until_it_answers(process: "subprocess.Popen[bytes]", url: str, log: Path) -> None:
    give_up_at = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < give_up_at:
        try:
            http.get(url, timeout=5)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise Void(f"{url} does not answer.\n{log.read_text(errors='replace')[-2000:]}")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # its workers too
        process.wait()
