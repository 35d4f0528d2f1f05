"""The signature's 99th percentile while the serving worker asks a slow WeChat for its ticket again."""

import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace

from app.stores import Credential, Key, State, Store, open_store

from .contestants import ACCOUNT, OURS, mock, serving
from .processes import Void
from .report import Report
from .run import Run, calls, make_slow

_PATH = "/cgi-bin/ticket/getticket"
_TICKET = Key(ACCOUNT["WECHAT_APPID"], "jsapi_ticket")
_LONGEST_SECONDS = 4
"""shorter than the server waits for WeChat"""
_MARGIN_SECONDS = 10.0


def measure(run: Run) -> Report:
    """Idle and during a refresh, in turn."""
    with mock(run.folder, run.load_core) as wechat, serving(OURS, wechat, run.folder, run.server_core) as server:
        make_slow(wechat, _PATH, min(run.seconds, _LONGEST_SECONDS))
        with closing(open_store(f"sqlite:///{server.folder}/credentials.db", "", time.time)) as store:

            def begin_refresh(_: int) -> Callable[[], None]:
                asked = calls(wechat, _PATH)
                make_stale(store)
                return lambda: end_refresh(asked)

            def end_refresh(asked: int) -> None:
                give_up_at = time.monotonic() + _MARGIN_SECONDS
                while _ticket(store).state(time.time()) is State.STALE and time.monotonic() < give_up_at:
                    time.sleep(0.02)
                if calls(wechat, _PATH) != asked + 1:
                    raise Void("WeChat was not asked once for the STALE ticket.")

            return run.disturbed("during a refresh", server, run.load_core, begin_refresh)


def make_stale(store: Store) -> None:
    """Let the stored ticket be due for a refresh. Raises Void if it changes meanwhile."""
    ticket = _ticket(store)
    due = replace(ticket, stale_at=time.time(), generation=ticket.generation + 1)
    if not store.save(_TICKET, due, ticket.generation):
        raise Void("The ticket changed meanwhile.")


def _ticket(store: Store) -> Credential:
    ticket = store.load(_TICKET)
    if ticket is None:
        raise Void("The store has no ticket.")
    return ticket
