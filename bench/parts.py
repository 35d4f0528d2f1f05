"""CPU time of a signature request by part, in process."""

from collections.abc import Callable, Iterator, Mapping
from itertools import pairwise
from typing import Any

from flask import Flask

from app import create_app, jssdk
from app.web.current import services_of
from app.web.jssdk import sign

from .contestants import PAGE, PATH, mock
from .in_process import least_microseconds, request
from .report import Report
from .run import Run

_WORK, _OBSERVE, _HASH = "signature work: URL, account, ticket, hash", "observe (metrics)", "string1 and SHA-1 alone"


def measure(run: Run) -> Report:
    """Each part without those inside it."""
    with mock(run.folder, run.load_core) as wechat:
        costs = shares(least_microseconds(run, wechat, __name__))
    return Report([("CPU time of a request", "us"), *((name, f"{cost:.1f}") for name, cost in costs.items())])


def shares(least: Mapping[str, float]) -> dict[str, float]:
    """The whole, then each part. `least` begins with our WSGI layers: each includes those behind it, Flask the last."""
    *layers, (_, work), (_, observe), (_, alone) = least.items()
    found = {"whole request": layers[0][1]}
    for (name, cost), (_, inner) in pairwise(layers):
        found[name] = cost if name == "FastPath" else cost - inner  # it answers for itself
    if "RequestLog" in found:  # calls observe
        found["RequestLog"] -= observe
    return found | {"Flask": layers[-1][1] - work, _WORK: work, _OBSERVE: observe, _HASH: alone}


def layers(app: Flask) -> Iterator[tuple[str, Any]]:
    """Our WSGI layers from the outermost on, with their names; Flask itself is the last one."""
    layer: Any = app.wsgi_app
    while inner := getattr(layer, "_application", None):
        yield type(layer).__name__, layer
        layer = inner
    yield "Flask", layer


def calls() -> dict[str, Callable[[], object]]:
    """What in_process measures."""
    app = create_app()
    meters = services_of(app).meters
    app.app_context().push()
    return {name: request(layer) for name, layer in layers(app)} | {
        _WORK: lambda: sign(PAGE),
        _OBSERVE: lambda: meters.request(PATH, 200, 0.001),
        _HASH: lambda: jssdk.config("wx", "t" * 86, PAGE, noncestr="0123456789abcdef", timestamp=1414587457),
    }
