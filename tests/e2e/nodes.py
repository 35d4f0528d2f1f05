"""Servers under test and what they say of themselves: at /readyz, at /metrics, in the log; and what WeChat saw."""

import json
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
KEEP_WARM_SECONDS = 0.2
"""how often each process looks after its credentials"""
CREDENTIALS = 3
"""two access_tokens and a jsapi_ticket"""
FETCHED_FROM = ("/cgi-bin/stable_token", "/cgi-bin/ticket/getticket")
FAILS, TAKES_NO_WRITES, WORKS = "store does not answer", "store takes no writes", "store answers again"
NOT_REFRESHED = "not refreshed, the current one is served"
_DOORS = (("/api/access_token", "default"), ("/api/access_token", "mini"), ("/api/jsapi_ticket", "default"))


@contextmanager
def node(
    folder: Path, wechat: MockWeChat, settings: Mapping[str, str] | None = None, through: Sequence[str] = ()
) -> Iterator[Server]:
    """A gunicorn of two workers, with its log in `folder`, that looks after its credentials all the time."""
    folder.mkdir()
    short = {
        "WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": str(KEEP_WARM_SECONDS),
        "WECHAT_TIMING__STALE_COOLDOWN_SECONDS": "0.5",
    }
    environment = {**wechat.environment, **short, **(settings or {})}
    with serving(folder, environment, "--workers", str(WORKERS), "--threads", "24", through=through) as server:
        yield server


@contextmanager
def warm_traffic(*nodes: Server, calls: Sequence[Callable[[Server], Request]] = EVERYTHING) -> Iterator[Traffic]:
    """Traffic at nodes all of whose workers know every credential: one that has not looked remembers none."""
    with traffic(*nodes, calls=calls) as load:
        eventually(lambda: is_ready(*nodes), "every worker has looked at every credential")
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
    """A condition: the logs have such a line of each worker."""
    return lambda: all(len({event["pid"] for event in events(server, text)}) >= WORKERS for server in nodes)


def events(server: Server, text: str) -> list[Any]:
    """What the log has with this text. The last line may still be under way."""
    whole_lines = server.log.read_text().rpartition("\n")[0].splitlines()
    return [json.loads(line) for line in whole_lines if text in line]


def of_each_worker(server: Server, path: str, **parameters: str) -> list[requests.Response]:
    """An answer of each: the log says whose it is, for who gets a call is the kernel's choice."""
    answers: dict[int, requests.Response] = {}

    def all_have_answered() -> bool:
        answer = server.get(path, **parameters)
        answers.update({event["pid"]: answer for event in events(server, answer.headers["X-Request-ID"])})
        return len(answers) >= WORKERS

    eventually(all_have_answered, "every worker answers")
    return list(answers.values())


def let_every_worker_look(*nodes: Server) -> None:
    """Now each has read all credentials in the store, and remembers them."""
    for server in nodes:
        of_each_worker(server, "/readyz")


def details(server: Server) -> Any:
    """/readyz as the operator sees it, of one of the workers."""
    answer = server.get("/readyz")
    assert answer.status_code == 200, answer.text
    return answer.json()


def known(server: Server) -> set[tuple[str, str, int]]:
    """Account, credential and generation, of all credentials."""
    return _generations(details(server))


def all_fresh(*nodes: Server) -> bool:
    """Whether no credential wants refreshing."""
    accounts = [account for server in nodes for account in details(server)["accounts"]]
    return {credential["state"] for account in accounts for credential in account["credentials"]} == {"fresh"}


def is_ready(*nodes: Server) -> bool:
    """Whether every worker says that all is well."""
    return all(answer.json()["status"] == "ok" for server in nodes for answer in of_each_worker(server, "/readyz"))


def assert_agreement(*nodes: Server) -> None:
    """Every worker of every node hands out the same, at the latest when each has looked at the store once more."""

    def agree() -> bool:
        answers = [[a for n in nodes for a in of_each_worker(n, path, account=name)] for path, name in _DOORS]
        return all(len({(a.status_code, _credential(a)) for a in same}) == 1 and same[0].ok for same in answers)

    eventually(agree, "all workers hand out the same")
    said = [_generations(answer.json()) for server in nodes for answer in of_each_worker(server, "/readyz")]
    assert all(each == said[0] for each in said), said


def assert_served_well(load: Traffic) -> None:
    """No call failed."""
    assert load.failed == []


def _credential(answer: requests.Response) -> object:
    given = answer.json()
    return given.get("access_token") or given.get("ticket")


def _generations(said: Any) -> set[tuple[str, str, int]]:
    return {(a["account"], c["credential"], c["generation"]) for a in said["accounts"] for c in a["credentials"]}
