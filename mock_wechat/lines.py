"""Slow lines without a socket: what a caller of the in-process shell waits for, and when it gives up."""

import io
from collections.abc import Callable
from typing import Any


class Line:
    """A connection as its caller feels it: patient for so many seconds per read, None is for ever."""

    def __init__(self, patience: float | None, sleep: Callable[[float], object]) -> None:
        self._patience = patience
        self._sleep = sleep

    def wait(self, seconds: float, times: int = 1) -> None:
        """Let a pause pass, so many times. Raises TimeoutError if one is longer than the caller's patience."""
        if self._patience is not None and seconds > self._patience:
            self._sleep(self._patience)
            raise TimeoutError(f"Read timed out. (read timeout={self._patience})")
        if seconds:
            self._sleep(seconds * times)


class Drip(io.RawIOBase):
    """A body that comes one byte per so many seconds."""

    def __init__(self, body: bytes, line: Line, seconds: float) -> None:
        self._body = io.BytesIO(body)
        self._line = line
        self._seconds = seconds

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        byte = self._body.read(1)
        if byte:
            self._line.wait(self._seconds)
            buffer[:1] = byte
        return len(byte)
