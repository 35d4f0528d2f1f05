"""Servers under test and their state: at /readyz, at /metrics, in the log, in the store, and at WeChat."""

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import requests

from app.stores import Credential, FallbackStore, Key, open_store
from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.e2e.callers import Load, call, calling, check, sign, statuses, token
from tests.e2e.servers import Server, eventually, serving
from tests.e2e.uplink import STABLE, TICKET
from tests.exposition import value

WORKERS = 2
OFTEN = {"WECHAT_TIMING__REFRESH_INTERVAL_SECONDS": "0.2", "WECHAT_TIMING__STALE_COOLDOWN_SECONDS": "0.5"}
"""settings of a server that keeps its credentials fresh all the time"""
TOKEN, TICKET_KEY, MINI_TOKEN = (
    Key(OFFICIAL.appid, "access_token"),
    Key(OFFICIAL.appid, "jsapi_ticket"),
    Key(MINI.appid, "access_token"),
)
CREDENTIALS = (TOKEN, TICKET_KEY, MINI_TOKEN)
FETCHED_FROM = (STABLE, TICKET)
FAILS, TAKES_NO_WRITES, WORKS = "store does not answer", "store takes no writes", "store answers again"
_ENDPOINTS = (("/api/access_token", "default"), ("/api/access_token", "mini"), ("/api/jsapi_ticket", "default"))


@contextmanager
def node(
    folder: Path,
    environment: Mapping[str, str],
    settings: Mapping[str, str] | None = None,
    through: Sequence[str] = (),
    *,
    granian: bool = False,
) -> Iterator[Server]:
    """A server of two workers, with its log in `folder`, that keeps its credentials fresh all the time."""
    folder.mkdir()
    settings = {**environment, **OFTEN, **(settings or {})}
    size = ("--workers", str(WORKERS), "--threads", "24")
    with serving(folder, settings, *size, granian=granian, through=through) as server:
        yield server


@contextmanager
def loaded(*nodes: Server) -> Iterator[Load]:
    """Callers at nodes all of whose workers have read every credential."""
    asks = [ask for server in nodes for ask in (sign(server), check(server), token(server))]
    assert statuses(call(asks)) == {200}
    with calling(*asks) as load:
        eventually(lambda: is_ready(*nodes), "every worker has read every credential")
        yield load


# -- WeChat


def fetches(wechat: MockWeChat, *paths: str, appid: str | None = None) -> int:
    """The number of calls for tokens and tickets, of one account or all."""
    calls = [call for path in paths or FETCHED_FROM for call in wechat.calls(path)]
    return sum(appid in (None, call.appid) for call in calls)


def refuse_fetches(wechat: MockWeChat) -> None:
    """Let WeChat refuse tokens and tickets with an errcode that servers do not retry."""
    for path in FETCHED_FROM:
        wechat.fail(path, 40097, times=None)


def end_faults(wechat: MockWeChat) -> None:
    """Remove all faults from WeChat."""
    requests.delete(f"{wechat.url}/_mock/faults", timeout=10).raise_for_status()


# -- the store


def stored(store_url: str, key: Key) -> Credential | None:
    """The credential as it is stored."""
    with _store(store_url) as store:
        return store.load(key)


def generation(store_url: str, key: Key) -> int:
    """The number of the stored credential; 0 without one."""
    credential = stored(store_url, key)
    return credential.generation if credential else 0


def make_stale(store_url: str, *keys: Key) -> None:
    """Make these credentials, or all, STALE."""
    for key in keys or CREDENTIALS:
        _change(store_url, key, stale_at=time.time() - 1)


def make_expired(store_url: str, key: Key) -> None:
    """Make a credential EXPIRED."""
    _change(store_url, key, stale_at=time.time() - 1, expires_at=time.time() - 1)


def _change(store_url: str, key: Key, **times: float) -> None:
    with _store(store_url) as store:
        credential = store.load(key)
        assert credential is not None, f"no {key.credential} is stored"
        changed = replace(credential, **times)  # type: ignore[arg-type] # all of them are times
        assert store.save(key, changed, credential.generation), "another one was saved first"


@contextmanager
def _store(store_url: str) -> Iterator[FallbackStore]:
    store = open_store(store_url, "wechat:", time.time, redis_timeout_seconds=5.0)
    try:
        yield store
    finally:
        store.close()


# -- servers


def workers(server: Server) -> float | None:
    """The number of workers that count themselves as serving."""
    return value(server.get("/metrics").text, "wechat_workers")


def logged(server: Server, text: str) -> int:
    """How often the log has this text."""
    return server.log.read_text().count(text)


def events(server: Server, text: str) -> list[Any]:
    """The complete log lines with this text."""
    whole_lines = server.log.read_text().rpartition("\n")[0].splitlines()
    return [json.loads(line) for line in whole_lines if text in line]


def every_worker_logged(*nodes: Server, text: str) -> Callable[[], bool]:
    """A condition: the logs have such a line of each worker."""
    return lambda: all(len({event["pid"] for event in events(server, text)}) >= WORKERS for server in nodes)


def of_each_worker(server: Server, path: str, **parameters: str) -> list[requests.Response]:
    """One answer of each worker. The kernel chooses the worker; the log shows which one answered."""
    answers: dict[int, requests.Response] = {}

    def all_have_answered() -> bool:
        answer = server.get(path, **parameters)
        answers.update({event["pid"]: answer for event in events(server, answer.headers["X-Request-ID"])})
        return len(answers) >= WORKERS

    eventually(all_have_answered, "every worker answers")
    return list(answers.values())


def details(server: Server) -> Any:
    """/readyz as the operator sees it, of one of the workers."""
    answer = server.get("/readyz")
    assert answer.status_code == 200, answer.text
    return answer.json()


def known(readiness: Any) -> set[tuple[str, str, int]]:
    """Account, credential and generation, of all credentials in /readyz."""
    return {(a["account"], c["credential"], c["generation"]) for a in readiness["accounts"] for c in a["credentials"]}


def all_fresh(*nodes: Server) -> bool:
    """Whether no credential is to be refreshed."""
    accounts = [account for server in nodes for account in details(server)["accounts"]]
    return {credential["state"] for account in accounts for credential in account["credentials"]} == {"fresh"}


def is_ready(*nodes: Server) -> bool:
    """Whether every worker reports that all is well."""
    return all(answer.json()["status"] == "ok" for server in nodes for answer in of_each_worker(server, "/readyz"))


def assert_agreement(*nodes: Server) -> None:
    """Every worker of every node hands out the same, at the latest after its next read of the store."""

    def agree() -> bool:
        answers = [[a for n in nodes for a in of_each_worker(n, path, account=name)] for path, name in _ENDPOINTS]
        return all(len({(a.status_code, _credential(a)) for a in same}) == 1 and same[0].ok for same in answers)

    eventually(agree, "all workers hand out the same")
    found = [known(answer.json()) for server in nodes for answer in of_each_worker(server, "/readyz")]
    assert all(each == found[0] for each in found), found


def _credential(answer: requests.Response) -> object:
    given = answer.json()
    return given.get("access_token") or given.get("ticket")
