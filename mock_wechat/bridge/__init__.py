"""The bridge that a page loads from /_mock/bridge.js: WeChat's browser for the unmodified JS-SDK, in any browser."""

import json
from collections.abc import Collection
from importlib.resources import files

from ..fields import Fields, WrongField, count, one_of
from ..wire import Request, Response

PATH = "/bridge.js"
_ORDER = "texts phone calls grants tags signature menu images telemetry answers dom card overlay bridge"
PARTS = tuple(f"{name}.js" for name in _ORDER.split())
"""Joined into one function, in this order: a classic script, which runs before the page's own."""

_FRAME = """// The mock's WeixinJSBridge, built from mock_wechat/bridge/. For tests only.
(function (settings) {{
"use strict";
if (window.WeixinJSBridge || window.mockWeChat) return; // a real WeChat, or loaded twice
{parts}
}})({settings});
"""


def find(request: Request, path: str, appids: Collection[str]) -> Response | None:
    """The bridge for `request`, or None if `path` (behind /_mock) is not the bridge's.

    A browser does not run a script with status 4xx, so a script throws the error of a wrong request.
    """
    if path != PATH or request.method not in ("GET", "HEAD"):
        return None
    try:
        settings = _settings(request, appids) | {"style": _read("bridge.css")}
        return script(_FRAME.format(parts="\n".join(map(_read, PARTS)), settings=_literal(settings)))
    except WrongField as wrong:
        return script(f"throw new Error({_literal(f'mock bridge: {wrong.error}')});\n")


def script(source: str) -> Response:
    """A JavaScript response that browsers do not cache."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(source.encode(), "text/javascript; charset=utf-8", headers=headers)


def _settings(request: Request, appids: Collection[str]) -> dict[str, object]:
    given = Fields(request.query)
    settings: dict[str, object] = {
        "mock": f"http://{request.headers.get('host', '')}",
        "appid": given.may("appid", one_of(*appids), None),
        "platform": given.may("platform", one_of("android", "ios", "harmony"), "android"),
        "overlay": given.may("overlay", one_of("on", "off"), "on") == "on",
        "language": given.may("language", one_of("en", "zh"), None),
        "late": given.may("late", count, None),
    }
    given.done()
    return settings


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _literal(value: object) -> str:
    """JSON that is safe in a script, also inside an HTML page."""
    return json.dumps(value).replace("<", "\\u003c")
