"""The bridge that a page loads from /_mock/bridge.js: WeChat's browser for the unmodified JS-SDK, in any browser."""

import json
from collections.abc import Collection
from importlib.resources import files

from ..fields import Fields, WrongField, count, one_of
from ..wire import Request, Response

PATH = "/bridge.js"
PARTS = (
    "texts.js",
    "phone.js",
    "calls.js",
    "grants.js",
    "tags.js",
    "signature.js",
    "menu.js",
    "pictures.js",
    "telemetry.js",
    "answers.js",
    "dom.js",
    "card.js",
    "overlay.js",
    "bridge.js",
)
"""Written as one function, in this order: a classic script, so that it is there before the page's own."""

_FRAME = """// The mock's WeixinJSBridge, put together from mock_wechat/bridge/. For tests only.
(function (settings) {{
"use strict";
if (window.WeixinJSBridge || window.mockWeChat) return; // a real WeChat, or loaded twice
{parts}
}})({settings});
"""


def find(request: Request, path: str, appids: Collection[str]) -> Response | None:
    """The bridge as `request` asks for it, or None where `path` (behind /_mock) is another's.

    A browser runs no script that comes with a 4xx: what is wrong with the request is thrown by a script in its place.
    """
    if path != PATH or request.method not in ("GET", "HEAD"):
        return None
    try:
        return script(bridge(_settings(request, appids)))
    except WrongField as wrong:
        return script(f"throw new Error({_literal(f'mock bridge: {wrong.error}')});\n")


def script(source: str) -> Response:
    """JavaScript, never kept by a browser."""
    headers = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}
    return Response(source.encode(), "text/javascript; charset=utf-8", headers=headers)


def bridge(settings: dict[str, object]) -> str:
    """The whole script."""
    styled = settings | {"style": _read("bridge.css")}
    return _FRAME.format(parts="\n".join(map(_read, PARTS)), settings=_literal(styled))


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
    """JSON that may stand in a script, and in a script that stands in a page."""
    return json.dumps(value).replace("<", "\\u003c")
