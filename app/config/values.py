"""The values that need more than their type: each is read from text, and refused with a ValueError that says why."""

import re
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, TypeVar
from urllib.parse import urlsplit

from pydantic import AfterValidator, BeforeValidator

from ..exceptions import PageUrlWrong
from ..js_domains import PageUrl, is_loopback

Item = TypeVar("Item")

_NOTHING_BEHIND = "must be scheme, host and port, with nothing behind"


def parts(value: object) -> object:
    """Take comma-separated text apart; what is no text is left to the type's own check."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _url(text: str) -> PageUrl:
    try:
        return PageUrl.parse(text)
    except PageUrlWrong:
        raise ValueError("must be http:// or https://, a host and perhaps a port") from None


def _api_base(text: str) -> str:
    url = _url(text)
    if url.path not in ("", "/") or url.url != text or "?" in text or not url.host.isascii():
        raise ValueError(_NOTHING_BEHIND)
    if not (text.lower().startswith("https:") or is_loopback(url.host)):
        raise ValueError("must be https: secrets travel there (http is for loopback addresses)")
    return text.removesuffix("/")


def _proxy(text: str) -> str:
    without_password = re.sub(r"(?<=://)[^/@]*@", "", text, count=1)  # a page URL may have none, a proxy may
    if _url(without_password).path not in ("", "/") or "?" in text or "#" in text:
        raise ValueError(_NOTHING_BEHIND)
    return text


def _store_url(text: str) -> str:
    if text == "memory://":
        return text
    if text.startswith(("redis://", "rediss://")):
        return _redis_url(text)
    if not text.startswith("sqlite:///"):
        raise ValueError("use sqlite:///path, redis://host:6379/0, rediss://host:6379/0 or memory://")
    if text.removeprefix("sqlite:///") in ("", "/", ":memory:"):
        raise ValueError("names no file; a store that forgets is memory://")
    return text


def _redis_url(text: str) -> str:
    wrong = ValueError("must be redis://user:password@host:port/database, with nothing behind")
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise wrong from None
    if not url.hostname or url.query or url.fragment or not re.fullmatch(r"(/\d*)?", url.path):
        raise wrong
    return text


def _network(value: object) -> object:
    try:
        return ip_network(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be IP addresses or networks, without host bits") from None


CommaSeparated = Annotated[tuple[Item, ...], BeforeValidator(parts)]
ApiBase = Annotated[str, AfterValidator(_api_base)]
Proxy = Annotated[str, AfterValidator(_proxy)]
StoreUrl = Annotated[str, AfterValidator(_store_url)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
