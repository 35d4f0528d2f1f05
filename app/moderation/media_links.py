"""Pictures that callers have no URL for: kept for WeChat for an hour, under links that nobody can guess."""

import hashlib
import secrets
from base64 import b64decode, b64encode
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple

from itsdangerous import BadSignature, Signer

from ..errors import UnknownMedia
from ..stores import Entries

PATH = "/media/"
KEPT_SECONDS = 3600

_BEGINNINGS = {
    b"\xff\xd8\xff": "image/jpeg",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
}
"""what media_check_async takes (WECHAT.md 5)"""


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
    """Links below `public_url`, signed with `secret_key`. `notes` must be those that every node sees."""

    def __init__(self, notes: Entries, secret_key: str, public_url: str, clock: Callable[[], float]) -> None:
        self._notes = notes
        self._signer = Signer(secret_key, salt="media link", key_derivation="hmac", digest_method=hashlib.sha256)
        self._public_url = public_url
        self._clock = clock

    def keep(self, content: bytes) -> Link:
        """Keep an image for an hour. Raises ValueError for what is none that WeChat takes."""
        content_type = _content_type(content)
        media_id = secrets.token_urlsafe(24)
        text = f"{content_type} {b64encode(content).decode()}"
        self._notes.put(_name(media_id), text, KEPT_SECONDS)
        # The end is signed too: a note may outlive its time where clocks differ. itsdangerous's own timestamps would be
        # refused by a node whose clock is a second behind.
        signed = self._signer.sign(f"{media_id}.{int(self._clock()) + KEPT_SECONDS}").decode()
        return Link(media_id, f"{self._public_url}{PATH}{signed}")

    def open(self, signed: str) -> Media:
        """What was kept under the last part of a link. Raises UnknownMedia for whatever is wrong with it."""
        try:
            media_id, _, end = self._signer.unsign(signed.encode("utf-8", "surrogatepass")).decode().partition(".")
        except BadSignature:
            raise UnknownMedia from None
        text = self._notes.get(_name(media_id)) if self._clock() < int(end) else None
        if not text:
            raise UnknownMedia
        content_type, _, content = text.partition(" ")
        return Media(b64decode(content), content_type)

    def forget(self, media_id: str) -> None:
        """WeChat has looked at it."""
        self._notes.put(_name(media_id), "", 0)


def _name(media_id: str) -> str:
    """The store's readers must not learn from a name what a link says."""
    return f"media:{hashlib.sha256(media_id.encode()).hexdigest()[:32]}"


def _content_type(content: bytes) -> str:
    for beginning, content_type in _BEGINNINGS.items():
        if content.startswith(beginning):
            return content_type
    raise ValueError("is no JPEG, PNG, GIF or BMP")
