"""Signatures per second and core, the 99th percentile of their latency, and memory: all contestants in turn."""

from collections.abc import Sequence
from contextlib import ExitStack
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode

from .contestants import EMPTY, EXPRESS, GRANIAN, OURS, PAGE, WECHATPY, mock, serving
from .processes import Void, worker_mebibytes
from .report import Claim, Report, Row, ratio
from .run import Round, Run, calls, json_of

_CONTESTANTS = (OURS, GRANIAN, WECHATPY, EXPRESS, EMPTY)
_CONNECTIONS = 16
_MOST_SPREAD = 0.15
_MOST_MEBIBYTES = 96


class Result(NamedTuple):
    """The measurements of one contestant."""

    name: str
    rounds: Sequence[Round]
    mebibytes: float
    """of its worker, at rest after the last round"""

    @property
    def rates(self) -> list[float]:
        """Requests per second, of each round."""
        return [one.rate for one in self.rounds]

    @property
    def spread(self) -> float:
        """The difference of the best and the worst round, as a share of the median."""
        return (max(self.rates) - min(self.rates)) / median(self.rates)


def measure(run: Run) -> Report:
    """Each in turn: servers on one core, load and mock on the other."""
    with ExitStack() as stack:
        wechat = stack.enter_context(mock(run.folder, run.load_core))
        servers = [stack.enter_context(serving(one, wechat, run.folder, run.server_core)) for one in _CONTESTANTS]
        for server in servers:
            if server.name != EMPTY.name:
                check_signature(wechat, server.name, json_of(server.url))
            run.load(server, run.load_core, connections=_CONNECTIONS, seconds=1)
        asked = calls(wechat)
        turns = [
            [run.load(server, run.load_core, connections=_CONNECTIONS) for server in servers] for _ in range(run.rounds)
        ]
        if calls(wechat) != asked:
            raise Void("WeChat was asked for a credential while the load ran.")
        resting = [worker_mebibytes(server.process) for server in servers]
    names = [one.name for one in _CONTESTANTS]
    return report([Result(*one) for one in zip(names, zip(*turns, strict=True), resting, strict=True)])


def check_signature(wechat: str, name: str, config: dict[str, Any]) -> None:
    """Raises Void unless WeChat would accept `config` on PAGE."""
    given = {field: config[field] for field in ("timestamp", "nonceStr", "signature")}
    verdict = json_of(f"{wechat}/_mock/verify?{urlencode({'appid': config['appId'], 'url': PAGE, **given})}")
    if not verdict["valid"]:
        raise Void(f"WeChat would refuse the signature of {name}: {verdict['detail']}.")


def report(results: Sequence[Result]) -> Report:
    """The measurements of all contestants, in their order."""
    ours, granian, wechatpy, express, _ = results
    header: Row = ("signatures, one core", "requests/s", "spread", "p99, ms", "MiB a worker", "/ Express", "/ wechatpy")
    claims = [
        ratio("gunicorn / Express, requests/s", ours.rates, express.rates, least=0.9),
        ratio("gunicorn / wechatpy, requests/s", ours.rates, wechatpy.rates, least=1.6),
        ratio("granian / Express, requests/s", granian.rates, express.rates, least=2.5),
        Claim("gunicorn, MiB a worker", ours.mebibytes, most=_MOST_MEBIBYTES),
        Claim("granian, MiB a worker", granian.mebibytes, most=_MOST_MEBIBYTES),
    ]
    noise = [
        f"the rounds of {one.name} differ by {one.spread:.0%} (at most {_MOST_SPREAD:.0%})"
        for one in results
        if one.spread > _MOST_SPREAD
    ]
    return Report([header, *(_row(one, express, wechatpy) for one in results)], claims, noise)


def _row(one: Result, express: Result, wechatpy: Result) -> Row:
    rate = median(one.rates)
    p99 = median(round_.p99 for round_ in one.rounds)
    ratios = [f"{rate / median(peer.rates):.2f}" for peer in (express, wechatpy)]
    return one.name, f"{rate:.0f}", f"{one.spread:.0%}", f"{p99:.1f}", f"{one.mebibytes:.0f}", *ratios
