"""Who may steer the mock: any web page can post to a developer's loopback, so Host, Origin and type must be right."""

from collections.abc import Collection
from http import HTTPStatus
from urllib.parse import urlsplit

from .wire import Request, is_loopback


class Refused(Exception):
    """A control call that is not even looked at."""

    def __init__(self, status: HTTPStatus, field: str, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.field = field
        self.error = error


def check(request: Request, hosts: Collection[str]) -> None:
    """Let loopback callers pass, and those who reach the mock by one of `hosts`. Raises Refused."""
    host = host_name(request.headers.get("host", ""))
    if not _is_ours(host, hosts):
        raise Refused(HTTPStatus.FORBIDDEN, "Host", f"the control plane answers loopback hosts only, not {host!r}")
    origin = request.headers.get("origin")
    if origin is not None and not _is_ours(_origin_host(origin), hosts):
        raise Refused(HTTPStatus.FORBIDDEN, "Origin", f"pages from {origin!r} may not steer this mock")
    if request.method == "POST" and _media_type(request) != "application/json":
        raise Refused(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Type", "send JSON as application/json")


def is_our_origin(origin: str, hosts: Collection[str]) -> bool:
    """Is this page on loopback, or on one of `hosts`?"""
    return _is_ours(_origin_host(origin), hosts)


def host_name(host: str) -> str:
    """A Host header without its port."""
    try:
        return urlsplit("//" + host).hostname or ""
    except ValueError:
        return ""


def _is_ours(host: str, hosts: Collection[str]) -> bool:
    return is_loopback(host) or host in hosts


def _origin_host(origin: str) -> str:
    try:
        return urlsplit(origin).hostname or ""
    except ValueError:
        return ""


def _media_type(request: Request) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
