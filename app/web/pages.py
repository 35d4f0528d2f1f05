"""The pages, their scripts and styles, and the files by which WeChat verifies a domain."""

import re

from flask import Response, abort, render_template, send_from_directory

from ..static_files import STATIC
from .current import current_services
from .endpoint import Endpoints, json_answer

_PAGES = {  # by path: the name of the link's text, and the listener; `all` is a server that is both
    "/": ("pageDemo", "both"),
    "/spa.html": ("pageRoutes", "both"),
    "/login.html": ("pageLogin", "all"),
    "/moderation.html": ("pageModeration", "both"),
    "/debugger.html": ("pageDebugger", "both"),
    "/console.html": ("pageConsole", "internal"),
    "/api.html": ("pageApi", "both"),
}
_AT_A_MOCK = ("/login.html",)
_VERIFY_FILE = re.compile(r"MP_verify_[A-Za-z0-9]+\.txt", re.ASCII)

blueprint = Endpoints("pages", __name__, listener="both")


@blueprint.get("/", strict_slashes=False)
def index() -> str:
    """The demo page."""
    return _rendered("index")


@blueprint.get("/<name>.html")
def page(name: str) -> str:
    """One of the other pages.

    `/spa.html` is a single-page app, `/debugger.html` diagnoses a signature, `/moderation.html` checks a text or an
    image, `/login.html` logs in at a mock, `/console.html` is for operators, `/api.html` shows the OpenAPI document.
    """
    if f"/{name}.html" not in links():
        abort(404)
    return _rendered(name)


@blueprint.get("/static/<path:path>")
def static(path: str) -> Response:
    """Scripts and styles of the pages."""
    return send_from_directory(STATIC, path)


@blueprint.get("/demo.json")
def demo() -> Response:
    """Where the mock is, if `WECHAT_API_BASE` is one: the page asks it whether a signature is valid."""
    return json_answer({"mock": current_services().mock_in_browsers})


@blueprint.get("/<name>.txt")
def verify_file(name: str) -> Response:
    """`MP_verify_*.txt` from `WECHAT_VERIFY_FILES`, by which WeChat verifies a domain."""
    folder = current_services().settings.verify_files
    if folder is None or not _VERIFY_FILE.fullmatch(f"{name}.txt"):
        abort(404)
    return send_from_directory(folder.absolute(), f"{name}.txt", mimetype="text/plain")


def missing() -> Response:
    """The page for a browser that asks for a page that does not exist."""
    return safe_for_browsers(Response(_rendered("missing"), 404, {"Cache-Control": "no-store"}))


def links() -> dict[str, str]:
    """The pages of this listener: the names of their links' texts by path."""
    listener, mock = current_services().settings.listener, current_services().mock_in_browsers
    return {
        path: text
        for path, (text, on) in _PAGES.items()
        if (listener == "all" or on in (listener, "both")) and (mock or path not in _AT_A_MOCK)
    }


def _rendered(name: str) -> str:
    return render_template(f"pages/{name}.html", links=links().items(), mock=current_services().mock_in_browsers)


@blueprint.after_request
def safe_for_browsers(response: Response) -> Response:
    """Add the headers that bound what a page may load and who may frame it."""
    mock = current_services().mock_in_browsers
    ours = f"'self' {mock}" if mock else "'self'"  # the mock has the JS-SDK and a WeChat for it
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; script-src {ours}; connect-src {ours}; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
