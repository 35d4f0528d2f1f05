"""URLs of media that WeChat shall download. They are never fetched here, only looked at."""

import re
import socket
from ipaddress import IPv4Address, IPv6Address, ip_network

from ..accounts import PageUrl
from ..errors import MediaUrlWrong, PageUrlWrong

_LOCAL_SUFFIXES = (
    *(".localhost", ".localdomain", ".local", ".internal", ".intranet", ".lan", ".corp", ".home", ".home.arpa"),
    ".test",
)
_WEB = re.compile(r"https?://", re.IGNORECASE | re.ASCII)
_NUMERIC = re.compile(r"(?:.*\.)?(?:\d+|0x[0-9a-f]*)\.?", re.IGNORECASE | re.ASCII)
"""a host whose last label is a number: every program takes it for an IPv4 address, in one spelling or another"""
_PUBLIC_IPV6 = ip_network("2000::/3")
_WRAPPED_IPV4 = tuple(map(ip_network, ("2001::/32", "2002::/16")))
"""Teredo and 6to4: an IPv4 address in disguise"""


def check_media_url(url: str, *, private: bool = False) -> None:
    """Raise MediaUrlWrong unless everybody can reach the URL's host; `private` allows all hosts, as a mock needs it."""
    if not _WEB.match(url):
        raise MediaUrlWrong("media_url: it must begin with http:// or https://, and lead to the file itself.")
    try:
        host = PageUrl.parse(url).host
    except PageUrlWrong as error:
        raise MediaUrlWrong(f"media_url: {error}") from None
    if not host.isascii():
        raise MediaUrlWrong("media_url: write the host as the network knows it (xn--...).")
    if not private and not _is_public(host):
        raise MediaUrlWrong("media_url: its host is private, loopback or a single name: WeChat cannot reach it.")


def _is_public(host: str) -> bool:
    if host.startswith("["):
        return _is_public_ipv6(IPv6Address(host[1:-1]))
    if _NUMERIC.fullmatch(host):
        return _is_public_ipv4(host)
    name = host.removesuffix(".")
    return "." in name and all(name.split(".")) and not name.endswith(_LOCAL_SUFFIXES)


def _is_public_ipv4(host: str) -> bool:
    """Decimal, octal, hexadecimal, with one to four parts: read as the C library does, and so most programs."""
    try:
        address = IPv4Address(socket.inet_aton(host.removesuffix(".")))
    except OSError:
        return False
    return address.is_global and not address.is_multicast


def _is_public_ipv6(address: IPv6Address) -> bool:
    wrapped = any(address in network for network in _WRAPPED_IPV4)
    return address in _PUBLIC_IPV6 and address.is_global and not wrapped
