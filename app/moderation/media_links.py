"""Links to media: our own, which WeChat may open for an hour, and callers', which are only checked."""

import hashlib
import re
import secrets
import socket
from base64 import b64decode, b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address, ip_network
from typing import NamedTuple

from itsdangerous import BadSignature, Signer

from ..accounts import PageUrl
from ..errors import PageUrlWrong
from ..stores import Entries
from .errors import MediaUrlWrong, UnknownMedia

PATH = "/media/"
KEPT_SECONDS = 3600

_BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}
"""what media_check_async takes (WECHAT.md 5)"""
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


class Link(NamedTuple):
    """Where something is kept. `media_id` opens nothing by itself."""

    media_id: str
    url: str


@dataclass(frozen=True, slots=True)
class Media:
    """A file and its type, read from its first bytes."""

    content: bytes = field(repr=False)
    content_type: str


class MediaLinks:
    """Links below `public_url`, signed with the first of `secret_keys`, of which all verify.

    `entries` are shared by all nodes.
    """

    def __init__(
        self, entries: Entries, secret_keys: Sequence[str], public_url: str, clock: Callable[[], float]
    ) -> None:
        self._entries = entries
        oldest_first = secret_keys[::-1]  # as itsdangerous has them
        self._signer = Signer(oldest_first, salt="media link", key_derivation="hmac", digest_method=hashlib.sha256)
        self._public_url = public_url
        self._clock = clock

    def keep(self, content: bytes) -> Link:
        """Keep an image for an hour. Raises ValueError for a format that WeChat does not take."""
        content_type = next((kind for start, kind in _BEGINNINGS.items() if content.startswith(start)), None)
        if content_type is None:
            raise ValueError("is no JPEG, PNG, GIF or BMP")
        media_id = secrets.token_urlsafe(24)
        text = f"{content_type} {b64encode(content).decode()}"
        self._entries.put(_name(media_id), text, KEPT_SECONDS)
        # The end is signed too: an entry may outlive its time where clocks differ. itsdangerous's own timestamps are no
        # help: a node whose clock is a second behind would refuse them.
        signed = self._signer.sign(f"{media_id}.{int(self._clock()) + KEPT_SECONDS}").decode()
        return Link(media_id, f"{self._public_url}{PATH}{signed}")

    def open(self, signed: str) -> Media:
        """The file behind the last part of a link. Raises UnknownMedia for any link that is wrong or expired."""
        try:
            media_id, _, end = self._signer.unsign(signed.encode("utf-8", "surrogatepass")).decode().partition(".")
        except BadSignature:
            raise UnknownMedia from None
        text = self._entries.get(_name(media_id)) if self._clock() < int(end) else None
        if not text:
            raise UnknownMedia
        content_type, _, content = text.partition(" ")
        return Media(b64decode(content), content_type)

    def forget(self, media_id: str) -> None:
        """Delete what WeChat has checked."""
        self._entries.put(_name(media_id), "", 0)


def _name(media_id: str) -> str:
    """A digest: names in the store must not contain what a link contains."""
    return f"media:{hashlib.sha256(media_id.encode()).hexdigest()[:32]}"


def check_media_url(url: str, *, private: bool = False) -> None:
    """Raise MediaUrlWrong unless the URL's host is public; `private` allows all hosts, as a mock needs it."""
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
        ipv6 = IPv6Address(host[1:-1])
        return ipv6 in _PUBLIC_IPV6 and ipv6.is_global and not any(ipv6 in network for network in _WRAPPED_IPV4)
    name = host.removesuffix(".")
    if not _NUMERIC.fullmatch(host):
        return "." in name and all(name.split(".")) and not name.endswith(_LOCAL_SUFFIXES)
    try:  # decimal, octal, hexadecimal, with one to four parts: read as the C library does, and so most programs
        ipv4 = IPv4Address(socket.inet_aton(name))
    except OSError:
        return False
    return ipv4.is_global and not ipv4.is_multicast
