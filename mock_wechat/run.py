"""`mock-wechat run -- COMMAND`: run one command, pass signals on, and end the processes it leaves."""

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from types import FrameType

from .tls.runtimes import loopback_spared

LINGER_SECONDS = 3.0
"""How long processes that COMMAND left may take to end after SIGTERM."""


@contextmanager
def child_environment(mock: Mapping[str, str], origins: Sequence[str]) -> Iterator[dict[str, str]]:
    """This process's environment with the mock's variables, loopback in NO_PROXY, and a new SQLite store unless set.

    The store is removed at the end: credentials of a stopped mock are worthless.
    """
    environment = {**os.environ, **loopback_spared(os.environ), **mock}
    if origins:
        added = {
            "WECHAT_JS_DOMAINS": [origin.partition("://")[2] for origin in origins],
            "WECHAT_LOGIN_ORIGINS": origins,
        }
        if "WECHAT_WEB_APPID" in environment:
            added["WECHAT_WEB_LOGIN_ORIGINS"] = origins
        for setting, places in added.items():
            environment[setting] = ",".join([*filter(None, [os.environ.get(setting)]), *places])
    with tempfile.TemporaryDirectory(prefix="mock-wechat-") as folder:
        environment.setdefault("WECHAT_STORE_URL", f"sqlite:///{folder}/store.db")
        yield environment


def is_taken(port: int) -> bool:
    """Whether another process listens on this port of loopback."""
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError as error:
        return error.errno == errno.EADDRINUSE
    return False


def run(
    command: Sequence[str], environment: Mapping[str, str], started: Callable[[threading.Event], object] | None = None
) -> int:
    """Run `command` in `environment`, pass signals on, wait; return the exit status for the shell.

    COMMAND gets its own process group: Ctrl-C in a terminal reaches only this process, which passes it on once, and
    processes that COMMAND leaves can be ended. If this process reads from a terminal, COMMAND reads from /dev/null.
    `started` runs in its own thread, with an event that is set when COMMAND has ended.
    """
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []  # signals from before COMMAND started

    def forward(number: int, _: FrameType | None) -> None:
        """Signal COMMAND, not its group: a master process signals its workers itself."""
        if child is None:
            early.append(number)
        else:
            child.send_signal(number)

    numbers = [signal.SIGTERM, signal.SIGINT]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
        numbers.append(signal.SIGHUP)
    before = {number: signal.signal(number, forward) for number in numbers}
    ended = threading.Event()
    try:
        stdin = subprocess.DEVNULL if sys.stdin is None or sys.stdin.isatty() else None
        child = subprocess.Popen(command, env=environment, stdin=stdin, process_group=0)  # noqa: S603 -- the caller's own
        for number in early:
            child.send_signal(number)
        if started:
            threading.Thread(target=started, args=(ended,), daemon=True).start()
        status = None
        while status is None:  # wakes up: Python handles here what the system gave to another thread
            with suppress(subprocess.TimeoutExpired):
                status = child.wait(1)
    except OSError as problem:
        sys.stderr.write(f"{command[0]}: {problem.strerror}\n")
        return 127 if isinstance(problem, FileNotFoundError) else 126
    finally:
        ended.set()
        if child:
            _end_group(child.pid)
        for number, handler in before.items():
            signal.signal(number, handler)
    return status if status >= 0 else 128 - status


def _end_group(group: int) -> None:
    """End the processes that COMMAND left: SIGTERM, then SIGKILL."""
    deadline = time.monotonic() + LINGER_SECONDS
    with suppress(ProcessLookupError):  # none is left
        os.killpg(group, signal.SIGTERM)
        while time.monotonic() < deadline:
            time.sleep(0.02)
            os.killpg(group, 0)
        os.killpg(group, signal.SIGKILL)
