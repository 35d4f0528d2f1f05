"""May this page use JS-SDK? The administrator's list of domains (WECHAT.md 8.1)."""

from collections.abc import Iterable
from urllib.parse import SplitResult, urlsplit

from .wire import is_loopback

DEFAULT_PORTS = {"http": 80, "https": 443}


def is_listed(url: str, js_domains: Iterable[str]) -> bool:
    """Is the URL's host (and path, where an entry has one) on the list? Loopback hosts may have any port."""
    try:
        page = urlsplit(url)
        port = page.port or DEFAULT_PORTS.get(page.scheme)
    except ValueError:
        return False
    return page.scheme in DEFAULT_PORTS and any(_allows(entry.lower(), page, port) for entry in js_domains)


def _allows(entry: str, page: SplitResult, port: int | None) -> bool:
    listed = urlsplit("//" + entry)
    host, wanted = page.hostname or "", listed.hostname or ""
    same_host = host.endswith(wanted[1:]) if wanted.startswith("*.") else host == wanted
    same_port = port == listed.port if listed.port else port in (80, 443) or is_loopback(host)
    folder = listed.path.rstrip("/")
    in_folder = page.path.lower() == folder or page.path.lower().startswith(folder + "/") or not folder
    return bool(host) and same_host and same_port and in_folder
