"""CPU time of a forwarded call: the gateway and the smallest relay in turn, load and mock on the other core."""

import json
from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import NamedTuple

from .contestants import MINI, OURS, RELAY, Server, mock, serving
from .processes import Void, http, worker_seconds
from .report import Report, ratio
from .run import Run, json_of

_PATH = "/wxa/msg_sec_check"
_CONNECTIONS = 4
_KEY = "bench-key-with-scope-gateway"
_SETTINGS = {"WECHAT_LISTENER": "internal", "WECHAT_API_KEYS": f"bench:gateway={_KEY}", "WECHAT_SECRET_KEY": "s" * 32}
_BODY = json.dumps({"content": "周末去山里喝茶。" * 12}, ensure_ascii=False)
"""about 300 bytes"""
_UNLIMITED = {_PATH: {"minute": None, "day": 10**9}}
"""a limit for the day, so that the mock counts the calls"""


class Cost(NamedTuple):
    """One round of one contestant."""

    microseconds: float
    """of CPU time for each call, user and system, of the worker"""
    rate: float
    """calls per second"""


def measure(run: Run) -> Report:
    """Each in turn; both get the same requests."""
    with ExitStack() as stack:
        wechat = stack.enter_context(mock(run.folder, run.load_core))
        account = {"appid": MINI["WECHAT_MINI_APPID"], "limits": _UNLIMITED}
        http.post(f"{wechat}/_mock/accounts", json=account, timeout=10).raise_for_status()
        ours = OURS._replace(environment={**OURS.environment, **MINI, **_SETTINGS})
        servers = [stack.enter_context(serving(one, wechat, run.folder, run.server_core)) for one in (ours, RELAY)]
        query = f"access_token={_pass(servers[0])}"
        servers = [one._replace(url=f"{one.origin}{_PATH}?{query}") for one in servers]
        for server in servers:
            run.load(server, run.load_core, connections=_CONNECTIONS, seconds=1, body=_BODY)
        turns = [[_cost(run, wechat, server) for server in servers] for _ in range(run.rounds)]
    return report(*zip(*turns, strict=True))


def report(ours: Sequence[Cost], relay: Sequence[Cost]) -> Report:
    """The measurements of both."""
    rows = [
        (name, *(f"{median(values):.0f}" for values in zip(*rounds, strict=True)))
        for name, rounds in ((OURS.name, ours), (RELAY.name, relay))
    ]
    costs = ([one.microseconds for one in rounds] for rounds in (ours, relay))
    claim = ratio("CPU time of a forwarded call / smallest relay", *costs, most=1.3)
    return Report([("forwarded calls, one core", "CPU time, us", "calls/s"), *rows], [claim])


def check_forwarded(requested: int, accepted: int) -> None:
    """Raises Void unless WeChat accepted each call that was made, and none twice."""
    if not requested <= accepted <= requested + _CONNECTIONS:  # each connection's last call is not counted
        raise Void(f"WeChat accepted {accepted} calls of {requested}.")


def _cost(run: Run, wechat: str, server: Server) -> Cost:
    accepted, used = _accepted(wechat), worker_seconds(server.process)
    load = run.load(server, run.load_core, connections=_CONNECTIONS, body=_BODY)
    accepted, used = _accepted(wechat) - accepted, worker_seconds(server.process) - used
    check_forwarded(load.requests, accepted)
    return Cost(used / accepted * 1e6, load.rate)


def _pass(server: Server) -> str:
    account = f"appid={MINI['WECHAT_MINI_APPID']}&secret={_KEY}"
    return str(json_of(f"{server.origin}/cgi-bin/token?grant_type=client_credential&{account}")["access_token"])


def _accepted(wechat: str) -> int:
    accounts = json_of(f"{wechat}/_mock/state")["accounts"]
    quotas = next(one["quotas"] for one in accounts if one["appid"] == MINI["WECHAT_MINI_APPID"])
    return int(quotas.get(_PATH, {"used": 0})["used"])
