"""The last events of each account's credentials, shared by all workers and nodes."""

import json
import math
import os
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, Literal

from .errors import StoreUnavailable, WeChatError, WeChatRefused
from .stores import Entries

Event = dict[str, Any]
"""as app/web/schemas/ops.py describes it"""
What = Literal["fetched", "overtaken", "failed", "cooldown", "lifted", "forced"]

_KEPT = 100
_SECONDS = 30 * 86_400.0
_FAILURES = ("failed", "cooldown")
_IDENTITY = ("what", "credential", "endpoint", "errcode")
_LONGEST_DETAIL = 300


class Events:
    """The last 100 events of each account: fetches, failures and what operators do, never single requests.

    The store has one JSON list for each account. `spawn` runs the writing, so that no caller waits for it or fails. Two
    processes that write at once may lose an event: only people read this history, so it needs no lock between nodes.
    """

    def __init__(
        self, entries: Entries, clock: Callable[[], float], spawn: Callable[[Callable[[], None]], None]
    ) -> None:
        self._entries = entries
        self._clock = clock
        self._spawn = spawn
        self._lock = threading.Lock()

    def record(self, appid: str, what: What, *, error: WeChatError | None = None, **facts: str | int | bool) -> None:
        """Add an event of this process. Never raises."""
        now = self._clock()
        event = {"at": int(now), "what": what, **facts, **(_facts(error, now) if error else {})}
        event |= {"host": socket.gethostname(), "pid": os.getpid(), "times": 1, "since": int(now)}
        with suppress(RuntimeError):  # no thread can be started
            self._spawn(partial(self._write, appid, event))

    def last(self, appid: str) -> list[Event]:
        """The events, newest first. Raises StoreUnavailable."""
        return self._read(appid)[::-1]

    def _write(self, appid: str, event: Event) -> None:
        with suppress(StoreUnavailable), self._lock:  # the store logs its own failures
            events = _added(self._read(appid), event)[-_KEPT:]
            self._entries.put(_name(appid), json.dumps(events, ensure_ascii=False), _SECONDS)

    def _read(self, appid: str) -> list[Event]:
        events: list[Event] = json.loads(self._entries.get(_name(appid)) or "[]")
        return events


def _name(appid: str) -> str:
    return f"events:{appid}"


def _facts(error: WeChatError, now: float) -> Event:
    facts: Event = {"detail": str(error)[:_LONGEST_DETAIL]}
    if isinstance(error, WeChatRefused):
        facts |= {"errcode": error.errcode, "errmsg": error.errmsg[:_LONGEST_DETAIL], "rid": error.rid}
    if error.retry_after:
        facts["until"] = math.ceil(now + error.retry_after)
    return {name: value for name, value in facts.items() if value is not None}


def _added(events: list[Event], event: Event) -> list[Event]:
    """The events with one more. A repeated failure is one event with a count: an outage pushes out no older event."""
    if event["what"] in _FAILURES:
        for earlier in reversed(events):
            if earlier["what"] not in _FAILURES and _ends(earlier, event):
                break
            if all(earlier.get(name) == event.get(name) for name in _IDENTITY):
                event = {**event, "times": earlier["times"] + 1, "since": earlier["since"]}
                return [*(one for one in events if one is not earlier), event]
    return [*events, event]


def _ends(success: Event, failure: Event) -> bool:
    """Whether a failure after this success begins a new run of failures."""
    return success["what"] == "lifted" or failure.get("credential") in (None, success.get("credential"))
