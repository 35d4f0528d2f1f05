"""`python -m mock_wechat run -- COMMAND`: run one command, pass signals on, and end the processes it leaves."""

import ctypes
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
from contextlib import contextmanager
from types import FrameType
from typing import Self

QUIT_SECONDS = 40
"""Time limit of COMMAND after SIGTERM or SIGINT: gunicorn gives its workers 30 s."""
LINGER_SECONDS = 3.0
"""Time limit after SIGTERM of processes that COMMAND started."""
_PR_SET_PDEATHSIG = 1


@contextmanager
def child_environment(mock: Mapping[str, str], origin: str | None) -> Iterator[dict[str, str]]:
    """This process's environment with the mock's variables, and a new SQLite store unless one is set.

    The store is removed at the end: credentials of a stopped mock are worthless.
    """
    environment = {**os.environ, **mock}
    if origin:
        domains = [*filter(None, [os.environ.get("WECHAT_JS_DOMAINS")]), origin.partition("://")[2]]
        environment["WECHAT_JS_DOMAINS"] = ",".join(domains)
    with tempfile.TemporaryDirectory(prefix="mock-wechat-") as folder:
        environment.setdefault("WECHAT_STORE_URL", f"sqlite:///{folder}/store.db")
        yield environment


def is_taken(port: int) -> bool:
    """Whether another process listens on this port of loopback."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
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
    ended = threading.Event()
    with _Signals() as signals:
        try:
            child = subprocess.Popen(  # noqa: S603 -- running the caller's command is the purpose
                command,
                env=environment,
                stdin=subprocess.DEVNULL if sys.stdin is None or sys.stdin.isatty() else None,
                process_group=0,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 -- the other thread waits in select() without a lock
            )
        except OSError as problem:
            sys.stderr.write(f"{command[0]}: {problem.strerror}\n")
            return 127 if isinstance(problem, FileNotFoundError) else 126
        try:
            signals.pass_to(child)
            if started:
                threading.Thread(target=started, args=(ended,), daemon=True).start()
            status = child.wait()
        finally:
            ended.set()
            _end_group(child.pid)
    return status if status >= 0 else 128 - status


class _Signals:
    """Passes signals to COMMAND, not to its group: a master process signals its workers itself.

    Signals are caught before COMMAND starts, so that none is lost.
    """

    def __init__(self) -> None:
        self._child: subprocess.Popen[bytes] | None = None
        self._early: list[int] = []

    def __enter__(self) -> Self:
        handlers = {signal.SIGTERM: self._forward, signal.SIGINT: self._forward, signal.SIGALRM: self._give_up}
        if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup
            handlers[signal.SIGHUP] = self._forward
        self._before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        return self

    def __exit__(self, *_: object) -> None:
        signal.alarm(0)
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def pass_to(self, child: "subprocess.Popen[bytes]") -> None:
        self._child = child
        for number in self._early:
            self._forward(number, None)

    def _forward(self, number: int, _: FrameType | None) -> None:
        if self._child is None:
            self._early.append(number)
            return
        self._child.send_signal(number)
        if number != signal.SIGHUP:  # which means reload
            signal.alarm(QUIT_SECONDS)

    def _give_up(self, _: int, __: FrameType | None) -> None:
        if self._child is not None:
            _signal_group(self._child.pid, signal.SIGKILL)


def _end_group(group: int) -> None:
    """End the processes that COMMAND left: SIGTERM, then SIGKILL."""
    deadline = time.monotonic() + LINGER_SECONDS
    left = _signal_group(group, signal.SIGTERM)
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = _signal_group(group, 0)
    _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: int) -> bool:
    """False if the group has no process left."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux: COMMAND gets SIGTERM when this process is killed."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
