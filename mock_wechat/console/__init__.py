"""The console's files: the page at /_mock/ and its resources. The page uses the control plane."""

from http import HTTPStatus
from importlib.resources import files
from pathlib import PurePosixPath

from ..wire import Response

FOLDER = "/console/"

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}


def find(method: str, path: str) -> Response | None:
    """The page or one of its files, by the path behind /_mock; None if there is no such file."""
    if method not in ("GET", "HEAD"):
        return None
    if path == "":
        return Response(b"", _TYPES[".html"], HTTPStatus.FOUND.value, {"Location": "/_mock/"})
    name = "index.html" if path == "/" else path.removeprefix(FOLDER) if path.startswith(FOLDER) else ""
    content_type = _TYPES.get(PurePosixPath(name).suffix)
    for file in files(__package__).iterdir():  # only names in the folder, so that no name leads out of it
        if content_type and file.name == name:
            return Response(file.read_bytes(), content_type, headers=_HEADERS)
    return None
