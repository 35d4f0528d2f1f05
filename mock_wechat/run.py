"""`python -m mock_wechat run -- COMMAND`: a mock for as long as one command lives, and nothing left behind."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from types import FrameType
from typing import Self

QUIT_SECONDS = 40
"""How long COMMAND may take to quit after SIGTERM or SIGINT: gunicorn gives its workers 30 s."""
LINGER_SECONDS = 3.0
"""How long what COMMAND started may outlive it, after a SIGTERM."""
_PR_SET_PDEATHSIG = 1


def run(command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Run `command` with `environment` added, pass signals on, wait; the exit status for the shell.

    COMMAND gets a process group of its own: Ctrl-C in a terminal reaches this process alone, which passes it on once,
    and what COMMAND leaves behind can be ended without touching anybody else's. So that it can't hang in reading from
    a terminal that is not its own, it reads from /dev/null instead.
    """
    with _Signals() as signals:
        try:
            child = subprocess.Popen(  # noqa: S603 -- running the caller's command is the job
                command,
                env={**os.environ, **environment},
                stdin=subprocess.DEVNULL if sys.stdin is None or sys.stdin.isatty() else None,
                process_group=0,
                preexec_fn=_die_with_parent(),  # noqa: PLW1509 -- the other thread sits in select() and holds no lock
            )
        except OSError as problem:
            sys.stderr.write(f"{command[0]}: {problem.strerror}\n")
            return 127 if isinstance(problem, FileNotFoundError) else 126
        try:
            signals.pass_to(child)
            status = child.wait()
        finally:
            _end_group(child.pid)
    return status if status >= 0 else 128 - status


class _Signals:
    """Catches signals and hands them to COMMAND, not to its group: a master process tells its workers itself.

    They are caught before COMMAND exists: so it starts with none of them ignored, and none is lost.
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
        if number != signal.SIGHUP:  # which asks to reload, not to quit
            signal.alarm(QUIT_SECONDS)

    def _give_up(self, _: int, __: FrameType | None) -> None:
        if self._child is not None:
            _signal_group(self._child.pid, signal.SIGKILL)


def _end_group(group: int) -> None:
    """End what COMMAND started and left running: SIGTERM, and SIGKILL for what ignores it."""
    deadline = time.monotonic() + LINGER_SECONDS
    left = _signal_group(group, signal.SIGTERM)
    while left and time.monotonic() < deadline:
        time.sleep(0.02)
        left = _signal_group(group, 0)
    _signal_group(group, signal.SIGKILL)


def _signal_group(group: int, number: int) -> bool:
    """False if nobody is left in that group."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    return True


def _die_with_parent() -> Callable[[], None] | None:
    """On Linux: COMMAND gets SIGTERM when this process is killed and can pass on nothing any more."""
    if not sys.platform.startswith("linux"):
        return None
    prctl = ctypes.CDLL(None).prctl
    return lambda: prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
