"""Page URLs as a browser shows them, and the JS domains (JS接口安全域名) on which they must lie.

WeChat hashes the page's address as it is, so nothing here decodes or normalises. The authority is taken apart by one
strict pattern: what browsers, proxies and URL libraries read differently is refused.
"""

import logging
import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal, Self
from urllib.parse import unquote

from ..errors import PageUrlWrong

log = logging.getLogger(__name__)

MAX_URL_CHARACTERS = 2048
_OWN_PORTS = {"http": 80, "https": 443}
WEB_PORTS = (80, 443)  # WeChat verifies pages on these alone (WECHAT.md 8.1)

# re.ASCII: without it, ignoring case, "ſ" counts as "s" and the Kelvin sign as "k".
_URL = re.compile(r"(https?)://([^/?]*)([^?]*)(?:\?.*)?", re.IGNORECASE | re.ASCII | re.DOTALL)
_ORDINARY = re.compile(r"(https?)://([a-z0-9._-]+)((?:/[!->@-\[\]-~]*)?)(?:\?[!-\[\]-~]*)?")
"""what needs no further look: no port, no user info, printable ASCII but space and backslash"""
_ENCODED_TWICE = re.compile(r"https?:?%", re.IGNORECASE | re.ASCII)
_FORBIDDEN = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_AUTHORITY = re.compile(r"(\[[0-9a-f:.]+\]|[^:\[\]]*)(?::([0-9]{1,5}))?", re.IGNORECASE | re.ASCII)
_HOST = re.compile(r"(?:[a-z0-9._-]|[^\x00-\x7f])+", re.IGNORECASE | re.ASCII)
_LABELS = re.compile(r"[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*", re.ASCII)
_DOMAIN = re.compile(r"(\*\.)?(\[[0-9a-f:]+\]|[a-z0-9._-]+)(?::([0-9]{1,5}))?((?:/[^/]+)*)/?", re.IGNORECASE | re.ASCII)
# What some server, proxy or browser takes for another path: empty segments, segments of dots and spaces (also ..;x),
# \ for /, IIS's %u002e, and overlong UTF-8 for . / \ (one character for each byte).
_AMBIGUOUS = re.compile(
    r"//|(?:^|/)[. ]+(?:[/;]|$)|[\\\x00-\x1f\x7f]|(?i:%u[0-9a-f]{4})"
    r"|(?:\xc0|[\xe0\xf0\xf8\xfc]\x80+)[\xae\xaf]|(?:\xc1|[\xe0\xf0\xf8\xfc]\x80*\x81)\x9c"
)
_PUBLIC_SUFFIX = re.compile(
    r"(ac|com|edu|gov|net|org)\.cn|com\.(au|br|hk|mo|my|sg|tw)|co\.(jp|kr|uk)|(github|gitee|gitlab)\.io"
    r"|(aliyuncs|amazonaws|appspot|herokuapp|myqcloud|qcloudcos|tcloudbaseapp)\.com"
    r"|(netlify|vercel|web)\.app|(fly|pages|workers)\.dev|cloudfront\.net"
)
"""the commonest suffixes below which any customer gets a domain: a wildcard there would trust strangers"""


@dataclass(frozen=True, slots=True)
class PageUrl:
    """The address of a page: `url` is what was given, minus `#...`; `port` is 80 or 443 where the URL names none."""

    url: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as browsers write them, without the scheme's own port."""
        scheme = self.url.partition(":")[0].lower()
        return f"{scheme}://{self.host}" + ("" if self.port == _OWN_PORTS[scheme] else f":{self.port}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Take an absolute http(s) URL apart. Raises PageUrlWrong, which says what to send instead."""
        url = text.partition("#")[0]
        if len(url) <= MAX_URL_CHARACTERS and (ordinary := _ORDINARY.fullmatch(url)):
            scheme, host, path = ordinary.groups()
            return cls(url, host, _OWN_PORTS[scheme], path)
        _check_characters(url)
        match = _URL.fullmatch(url)
        if match is None:
            raise PageUrlWrong("The URL must be absolute and begin with http:// or https://, as location.href does.")
        scheme, authority, path = match.groups()
        host, port = _host_and_port(authority)
        return cls(url, host, port or _OWN_PORTS[scheme.lower()], path)


@dataclass(frozen=True, slots=True)
class JsDomain:
    """One entry of an account's JS domains: `host`, `host/path`, `*.host`, on loopback or a sandbox also `host:port`.

    `port` None means 80 and 443.
    """

    host: str
    port: int | None = None
    path: str = ""
    subdomains: bool = False

    @classmethod
    def parse(cls, text: str, *, sandbox: bool = False) -> Self:
        """Read one entry as settings spell it; a `sandbox` (测试号) also takes ports and private IP addresses.

        Raises ValueError, which says how to write it.
        """
        _check_domain(text)
        match = _DOMAIN.fullmatch(text)
        if match is None:
            raise ValueError("is no JS domain: write host, host/path or *.host")
        star, host, port, path = match.groups()
        host = host.lower()
        _check_domain_host(host, wildcard=bool(star), sandbox=sandbox)
        if port and not ((sandbox or is_loopback(host)) and 0 < int(port) <= 65535):
            raise ValueError("leave the port out, WeChat knows 80 and 443 only (others: loopback, sandbox)")
        if sandbox and not is_loopback(host) and (port or _is_private(host)):
            log.warning("JS domain works for a test account (sandbox) only domain=%s", text)
        if star:
            log.warning("JS domain allows all subdomains, better name each host domain=%s", text)
        return cls(host, int(port) if port else None, path, subdomains=bool(star))

    def covers(self, page: PageUrl) -> bool:
        """Whether WeChat lets this page use the JS-SDK because of this entry."""
        return self.mismatch(page) is None

    def mismatch(self, page: PageUrl) -> Literal["host", "port", "path"] | None:
        """The first part of the page's address that is not this entry's, None if the entry covers the page."""
        if self.subdomains:
            below = page.host.removesuffix("." + self.host)
            if below == page.host or not _LABELS.fullmatch(below):
                return "host"
        elif page.host != self.host:
            return "host"
        if page.port not in (WEB_PORTS if self.port is None else (self.port,)):
            return "port"
        if not self.path:
            return None
        # A proxy or server behind us may decode or resolve dots before it chooses the page: such a path proves nothing.
        inside = (page.path + "/").startswith(self.path + "/") and not _is_ambiguous(page.path)
        return None if inside else "path"


def _is_ambiguous(path: str) -> bool:
    """Whether a program that decodes the path, perhaps more than once, or resolves its dots gets another path."""
    for _ in range(4):  # an honest path is encoded once, and each proxy in front may encode it again; more is refused
        if _AMBIGUOUS.search(path):
            return True
        before, path = path, unquote(path, "latin-1")
        if path == before:
            return False
    return True


def _address(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host (IPv6 in brackets) is."""
    try:
        return ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return None


def is_loopback(host: str) -> bool:
    """Whether a host (IPv6 in brackets) is this machine: localhost, 127.0.0.0/8, [::1]."""
    address = _address(host)
    return host.lower() == "localhost" or (address is not None and address.is_loopback)


def _is_private(host: str) -> bool:
    address = _address(host)
    return address is not None and address.is_private


def _check_characters(url: str) -> None:
    if _ENCODED_TWICE.match(url):
        raise PageUrlWrong("The URL is encoded twice: apply encodeURIComponent once, to location.href.split('#')[0].")
    if len(url) > MAX_URL_CHARACTERS:
        raise PageUrlWrong(f"The URL has {len(url)} characters; {MAX_URL_CHARACTERS} are allowed.")
    if " " in url:
        raise PageUrlWrong("The URL has a space: encode it with encodeURIComponent, or at least send + as %2B.")
    if "\\" in url:
        raise PageUrlWrong("The URL has a backslash: location.href has / or %5C there.")
    if _FORBIDDEN.search(url):
        raise PageUrlWrong("The URL has a control character or half a character (a lone surrogate).")


def _host_and_port(authority: str) -> tuple[str, int | None]:
    if "@" in authority:
        raise PageUrlWrong("The URL has user info (something before @): leave it out.")
    match = _AUTHORITY.fullmatch(authority)
    if match is None or not (match[2] is None or 0 < int(match[2]) <= 65535):
        raise PageUrlWrong("The URL's host or port is malformed; right is host or host:port, the port from 1 to 65535.")
    host = match[1]
    if not host:
        raise PageUrlWrong("The URL has no host after http:// or https://.")
    if not (_address(host) if host.startswith("[") else _HOST.fullmatch(host)):
        raise PageUrlWrong("The URL's host has a character that no host has.")
    # Lower-casing beyond ASCII would turn look-alikes into the real thing (the Kelvin sign into k).
    return (host.lower() if host.isascii() else host), (int(match[2]) if match[2] else None)


def _check_domain(text: str) -> None:
    if "://" in text:
        raise ValueError("leave the scheme out, write the host alone")
    if not text.isascii():
        raise ValueError("write it as the browser's address says it (host as xn--..., path as %E4...)")
    if re.search(r"[\s\x00-\x1f\x7f\\]", text):
        raise ValueError("has a space, a backslash or a control character; separate entries with commas")
    if re.search(r"[@?#]", text):
        raise ValueError("user info, ?query and #fragment have no place in a JS domain")
    if _is_ambiguous("/" + text.partition("/")[2]):
        raise ValueError("the path must not have // or dot segments")


def _check_domain_host(host: str, *, wildcard: bool, sandbox: bool) -> None:
    address = host.startswith("[") or host.rpartition(".")[2].isdigit()
    if address and (wildcard or not (is_loopback(host) or (sandbox and _is_private(host)))):
        raise ValueError("WeChat takes no IP addresses; loopback ones are allowed, and private ones of a sandbox")
    if not address and (len(host) > 253 or not _LABELS.fullmatch(host)):
        raise ValueError("is no host name: labels of letters, digits and -, no dot at either end")
    if wildcard and ("." not in host or _PUBLIC_SUFFIX.fullmatch(host)):
        raise ValueError("would allow far too much: write *.example.com")
