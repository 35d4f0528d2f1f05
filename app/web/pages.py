"""The pages, their scripts and styles, and the files by which WeChat verifies a domain."""

import re
from pathlib import Path

from flask import Response, abort, render_template, send_from_directory

from .current import current_services
from .endpoint import Endpoints, json_answer

STATIC = Path(__file__).parents[2] / "static"

_PAGES = ("spa", "debugger", "moderation", "login", "api")
_VERIFY_FILE = re.compile(r"MP_verify_[A-Za-z0-9]+\.txt", re.ASCII)

blueprint = Endpoints("pages", __name__, listener="both")


@blueprint.get("/", strict_slashes=False)
def index() -> str:
    """The demo page."""
    return render_template("pages/index.html", mock=current_services().mock_url)


@blueprint.get("/<name>.html")
def page(name: str) -> str:
    """One of the other pages.

    `/spa.html` is a single-page app, `/debugger.html` diagnoses a signature, `/moderation.html` checks a text or an
    image, `/login.html` logs in at a mock, `/api.html` shows the OpenAPI document.
    """
    if name not in _PAGES or (name == "login" and not current_services().mock_url):
        abort(404)
    return render_template(f"pages/{name}.html", mock=current_services().mock_url)


@blueprint.get("/static/<path:path>")
def static(path: str) -> Response:
    """Scripts and styles of the pages."""
    return send_from_directory(STATIC, path)


@blueprint.get("/demo.json")
def demo() -> Response:
    """Where the mock is, if `WECHAT_API_BASE` is one: the page asks it whether a signature is valid."""
    return json_answer({"mock": current_services().mock_url})


@blueprint.get("/<name>.txt")
def verify_file(name: str) -> Response:
    """`MP_verify_*.txt` from `WECHAT_VERIFY_FILES`, by which WeChat verifies a domain."""
    folder = current_services().settings.verify_files
    if folder is None or not _VERIFY_FILE.fullmatch(f"{name}.txt"):
        abort(404)
    return send_from_directory(folder.absolute(), f"{name}.txt", mimetype="text/plain")


@blueprint.after_request
def _safe_for_browsers(response: Response) -> Response:
    mock = current_services().mock_url
    ours = f"'self' {mock}" if mock else "'self'"  # the mock has the JS-SDK and a WeChat for it
    response.headers["Content-Security-Policy"] = (
        f"default-src 'self'; script-src {ours}; connect-src {ours}; img-src 'self' data:; "
        "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "strict-origin-when-cross-origin"
    return response
