"""Servers under test and what they say of themselves: at /readyz, at /metrics, in the log; and what WeChat saw."""

import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import requests

from mock_wechat import MockWeChat
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.traffic import EVERYTHING, Request, Traffic, traffic
from tests.exposition import value

WORKERS = 2
SLOWEST_SECONDS = 1.0
KEEP_WARM_SECONDS = 0.2
CREDENTIALS = 3
"""two access_tokens and a jsapi_ticket"""
FETCHED_FROM = ("/cgi-bin/stable_token", "/cgi-bin/ticket/getticket")
FAILS, TAKES_NO_WRITES, WORKS = "store does not answer", "store takes no writes", "store answers again"
NOT_REFRESHED = "could not be refreshed ahead"
_ASKED_OFTEN = 8
"""times, so that both workers are heard, as far as many tries tell: who answers is chance"""
_DOORS = (("/api/access_token", "default"), ("/api/access_token", "mini"), ("/api/jsapi_ticket", "default"))


@contextmanager
def node(
    folder: Path, wechat: MockWeChat, settings: Mapping[str, str] | None = None, through: Sequence[str] = ()
) -> Iterator[Server]:
    """A gunicorn of two workers, with its log in `folder`, that looks after its credentials all the time."""
    folder.mkdir()
    short = {"WECHAT_KEEP_WARM_SECONDS": str(KEEP_WARM_SECONDS), "WECHAT_RETRY_SECONDS": "0.5"}
    environment = {**wechat.environment, **short, **(settings or {})}
    with serving(folder, environment, "--workers", str(WORKERS), "--threads", "8", through=through) as server:
        yield server


@contextmanager
def warm_traffic(*nodes: Server, calls: Sequence[Callable[[Server], Request]] = EVERYTHING) -> Iterator[Traffic]:
    """Traffic at nodes all of whose workers have looked at every credential: one that has not remembers none."""
    with traffic(*nodes, calls=calls) as load:
        eventually(lambda: all(workers(server) == WORKERS for server in nodes), "all workers serve")
        load.go_on(4 * KEEP_WARM_SECONDS)
        yield load


def workers(server: Server) -> float | None:
    """How many there are, as they count themselves."""
    return value(requests.get(f"{server.url}/metrics", timeout=30).text, "wechat_workers")


def fetches(wechat: MockWeChat) -> int:
    """How often WeChat was asked for a token or ticket, well or not."""
    return sum(len(wechat.calls(path)) for path in FETCHED_FROM)


def refuse_fetches(wechat: MockWeChat) -> None:
    """From now on WeChat refuses to give tokens and tickets, so that a fetch that was begun is not tried again."""
    for path in FETCHED_FROM:
        wechat.fail(path, 40097, times=None)


def end_faults(wechat: MockWeChat) -> None:
    """WeChat does as it is asked again."""
    requests.delete(f"{wechat.url}/_mock/faults", timeout=10).raise_for_status()


def make_stale(store: Path) -> None:
    """Every credential in this SQLite file wants refreshing."""
    with sqlite3.connect(store) as connection:
        connection.execute("UPDATE credentials SET stale_at = 0")
    connection.close()


def logged(server: Server, text: str) -> int:
    """How often the log says so."""
    return server.log.read_text().count(text)


def every_worker_says(*nodes: Server, text: str) -> Callable[[], bool]:
    """A condition: the logs have as many such lines as there are workers."""
    return lambda: all(logged(server, text) >= WORKERS for server in nodes)


def details(server: Server) -> Any:
    """/readyz as the operator sees it, of one of the workers."""
    answer = server.get("/readyz")
    assert answer.status_code == 200, answer.text
    return answer.json()


def known(server: Server) -> set[tuple[str, str, int]]:
    """Account, credential and generation, of all credentials."""
    accounts = details(server)["accounts"]
    return {(a["account"], c["credential"], c["generation"]) for a in accounts for c in a["credentials"]}


def all_fresh(*nodes: Server) -> bool:
    """Whether no credential wants refreshing."""
    accounts = [account for server in nodes for account in details(server)["accounts"]]
    return {credential["state"] for account in accounts for credential in account["credentials"]} == {"fresh"}


def is_ready(*nodes: Server) -> bool:
    """Whether every worker says that all is well."""
    return all(server.get("/readyz").json()["status"] == "ok" for server in nodes for _ in range(_ASKED_OFTEN))


def assert_agreement(*nodes: Server) -> None:
    """Every worker of every node hands out the same, at the latest when each has looked at the store once more."""
    asked = [server for server in nodes for _ in range(_ASKED_OFTEN)]

    def agree() -> bool:
        answers = [[server.get(path, account=account) for server in asked] for path, account in _DOORS]
        if not all(answer.ok for same in answers for answer in same):
            return False
        return all(len({_credential(answer) for answer in same}) == 1 for same in answers)

    eventually(agree, "all workers hand out the same")
    eventually(lambda: len({frozenset(known(server)) for server in asked}) == 1, "all workers know the same")


def assert_served_well(load: Traffic) -> None:
    """Nobody failed, nobody waited."""
    assert load.failed == []
    assert load.slowest.seconds < SLOWEST_SECONDS, load.slowest


def _credential(answer: requests.Response) -> str:
    given = answer.json()
    return str(given.get("access_token") or given["ticket"])
