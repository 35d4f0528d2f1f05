"""What a page in WeChat's browser loads: the bridge from /_mock/bridge.js, and WeChat's own unmodified JS-SDK."""

import json
from collections.abc import Collection, Iterable
from importlib.resources import files
from pathlib import Path

from ..fields import Fields, WrongField, count, one_of
from ..wire import Request, Response

PATH = "/bridge.js"
SDK_PATH = "/open/js/jweixin-1.6.0.js"
SDK_FILE = Path("node_modules", "weixin-js-sdk", "index.original.js")
"""WeChat's own file, which sets `window.wx`; the package's index.js is for bundlers and does not (WECHAT.md 8.0)."""
FOLDERS = (Path(__file__).parents[2], Path())
"""The checkout and the working directory."""
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
    given = Fields(request.query)
    try:
        settings: dict[str, object] = {
            "mock": f"http://{request.headers.get('host', '')}",
            "appid": given.may("appid", one_of(*appids), None),
            "platform": given.may("platform", one_of("android", "ios", "harmony"), "android"),
            "overlay": given.may("overlay", one_of("on", "off"), "on") == "on",
            "language": given.may("language", one_of("en", "zh"), None),
            "late": given.may("late", count, None),
            "style": _read("bridge.css"),
        }
        given.done()
        return _script(_FRAME.format(parts="\n".join(map(_read, PARTS)), settings=_literal(settings)))
    except WrongField as wrong:
        return _script(f"throw new Error({_literal(f'mock bridge: {wrong.error}')});\n")


def find_sdk(request: Request, folders: Iterable[Path] = FOLDERS) -> Response | None:
    """The SDK from the first of `folders` that has it, else a script with the remedy; None for another path."""
    if request.path != SDK_PATH or request.method not in ("GET", "HEAD"):
        return None
    for folder in folders:
        if (folder / SDK_FILE).is_file():
            return Response((folder / SDK_FILE).read_bytes(), "text/javascript; charset=utf-8")
    return _script(_read("missing_sdk.js"))


def _script(source: str) -> Response:
    """A JavaScript response that browsers do not cache."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(source.encode(), "text/javascript; charset=utf-8", headers=headers)


def _read(name: str) -> str:
    return (files(__package__) / name).read_text("utf-8")


def _literal(value: object) -> str:
    """JSON that is safe in a script, also inside an HTML page."""
    return json.dumps(value).replace("<", "\\u003c")
