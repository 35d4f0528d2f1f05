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
_ANSWER_SECONDS = 2


def measure(run: Run) -> Report:
    """Idle and during a refresh, in turn."""
    with mock(run.folder, run.load_core) as wechat, serving(OURS, wechat, run.folder, run.server_core) as server:
        make_slow(wechat, _PATH, _ANSWER_SECONDS)
        with closing(open_store(f"sqlite:///{server.folder}/credentials.db", "", time.time)) as store:

            def begin_refresh(_: int) -> Callable[[], None]:
                asked, ticket = calls(wechat, _PATH), _ticket(store)
                due = replace(ticket, stale_at=time.time(), generation=ticket.generation + 1)
                store.save(_TICKET, due, ticket.generation)
                return lambda: end_refresh(asked)

            def end_refresh(asked: int) -> None:
                give_up_at = time.monotonic() + 5 * _ANSWER_SECONDS
                while _ticket(store).state(time.time()) is not State.FRESH and time.monotonic() < give_up_at:
                    time.sleep(0.02)
                if calls(wechat, _PATH) != asked + 1:
                    raise Void("WeChat was not asked exactly once for a successor of the STALE ticket.")

            return run.disturbed("during a refresh", server, run.load_core, begin_refresh)


def _ticket(store: Store) -> Credential:
    ticket = store.load(_TICKET)
    if ticket is None:
        raise Void("The store has no ticket.")
    return ticket
