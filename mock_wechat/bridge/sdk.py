"""WeChat's JS-SDK at WeChat's own path: the published file, or a script that says how to install it."""

import json
from collections.abc import Iterable
from pathlib import Path

from ..wire import Request, Response
from . import script

PATH = "/open/js/jweixin-1.6.0.js"
FILE = Path("node_modules", "weixin-js-sdk", "index.original.js")
"""WeChat's own file, which sets `window.wx`; the package's index.js is for bundlers and does not (WECHAT.md 8.0)."""
PROJECT = Path(__file__).parents[2]

_MISSING = """// In place of WeChat's JS-SDK, which is not installed.
(function (en, zh) {{
"use strict";
console.error(en + "\\n" + zh);
function show() {{
  const banner = document.createElement("p");
  banner.setAttribute("role", "alert");
  banner.style.cssText =
    "all: initial; display: block; padding: 1em; background: #b42318; color: #fff; font: 16px sans-serif; " +
    "white-space: pre-line";
  banner.textContent = en + "\\n" + zh;
  document.body.prepend(banner);
}}
if (document.body) show();
else document.addEventListener("DOMContentLoaded", show);
}})({en}, {zh});
"""
_EN = "WeChat’s JS-SDK is not installed. Run: npm ci --ignore-scripts, in the project’s folder, and reload this page."
_ZH = "未安装微信 JS-SDK。请在项目目录运行 npm ci --ignore-scripts，然后刷新本页。"


def find(request: Request, folders: Iterable[Path] = (PROJECT,)) -> Response | None:
    """The SDK from the first of `folders` that has it, or None for another path."""
    if request.path != PATH or request.method not in ("GET", "HEAD"):
        return None
    for folder in folders:
        if (folder / FILE).is_file():
            return Response((folder / FILE).read_bytes(), "text/javascript; charset=utf-8")
    return script(_MISSING.format(en=json.dumps(_EN), zh=json.dumps(_ZH)))
