"""Signatures per second and core, and the 99th percentile of their latency: several contestants in turn."""

import hashlib
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from .contestants import PAGE, Contestant, Server, mock, serving
from .load import Round, load
from .processes import http, workers_mebibytes

_CONNECTIONS = 16
_WARM_UP_SECONDS = 1


class Void(Exception):
    """The measurement is invalid; the text says why."""


@dataclass(frozen=True, slots=True)
class Result:
    """The measurements of one contestant."""

    name: str
    rounds: list[Round]
    mebibytes: float
    """of its worker, at rest after the last round"""

    def median(self, figure: Callable[[Round], float]) -> float:
        """The median of one figure over the rounds."""
        return median(figure(one) for one in self.rounds)


def measure(
    contestants: Sequence[Contestant], folder: Path, *, rounds: int, seconds: int, cores: tuple[int, int]
) -> list[Result]:
    """Each in turn for `seconds`, `rounds` times: servers on the first of two cores, load and mock on the second.

    Raises Void and DidNotStart.
    """
    server_core, load_core = cores
    with ExitStack() as stack:
        wechat = stack.enter_context(mock(folder, load_core))
        servers = [stack.enter_context(serving(one, wechat, folder, server_core)) for one in contestants]
        for server in servers:
            check_signature(server.name, _json(server.url), _ticket(wechat))
            load(server.url, seconds=_WARM_UP_SECONDS, connections=_CONNECTIONS, core=load_core)
        asked = _calls(wechat)
        turns = [[_turn(server, seconds, load_core) for server in servers] for _ in range(rounds)]
        if _calls(wechat) != asked:
            raise Void("WeChat was asked for a credential while the load ran.")
        return [
            Result(server.name, list(done), workers_mebibytes(server.process))
            for server, done in zip(servers, zip(*turns, strict=True), strict=True)
        ]


def check_signature(name: str, config: dict[str, Any], jsapi_ticket: str) -> None:
    """Raises Void unless WeChat would accept `config` on PAGE (WECHAT.md 8.1)."""
    string1 = f"jsapi_ticket={jsapi_ticket}&noncestr={config['nonceStr']}&timestamp={config['timestamp']}&url={PAGE}"
    expected = hashlib.sha1(string1.encode(), usedforsecurity=False).hexdigest()
    if config["signature"] != expected:
        raise Void(f"{name} answers a signature that WeChat would refuse.")


def _turn(server: Server, seconds: int, core: int) -> Round:
    one = load(server.url, seconds=seconds, connections=_CONNECTIONS, core=core)
    if one.faults:
        raise Void(f"{server.name} under load: {one.faults}.")
    return one


def _ticket(wechat: str) -> str:
    accounts = _json(f"{wechat}/_mock/state")["accounts"]
    return next(
        str(one["value"])
        for account in accounts
        for one in account["credentials"]
        if (one["credential"], one["state"]) == ("jsapi_ticket", "current")
    )


def _calls(wechat: str) -> int:
    return len(_json(f"{wechat}/_mock/calls")["calls"])


def _json(url: str) -> Any:
    answer = http.get(url, timeout=10)
    if answer.status_code != 200:
        raise Void(f"{url} answers {answer.status_code}: {answer.text[:500]}")
    return answer.json()
