"""Uploaded files: temporary media for three days, permanent material until it is deleted. Bounded in bytes."""

import string
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from random import Random

from ..errors import WeChatError

TEMPORARY_SECONDS = 3 * 86400
MAX_BYTES = 256 * 1024 * 1024
"""For all files together; beyond it the oldest are dropped."""

ID_LETTERS = string.ascii_letters + string.digits + "-_"


@dataclass(frozen=True)
class Media:
    """One file. `url` is that of a permanent image, or of an image in an article, which has no other media_id."""

    id: int
    at: float
    appid: str
    media_id: str
    type: str
    filename: str
    content_type: str
    content: bytes
    permanent: bool
    url: str = ""
    title: str = ""
    introduction: str = ""

    def as_json(self) -> dict[str, object]:
        shown = ("id", "at", "appid", "media_id", "type", "filename")
        return {name: getattr(self, name) for name in shown} | {"bytes": len(self.content), "permanent": self.permanent}


class MediaStore:
    """All files by media_id, oldest first."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._files: OrderedDict[str, Media] = OrderedDict()
        self._bytes = 0
        self._last_id = 0

    def new_id(self) -> str:
        """64 characters like R7Ifp6ogGOmtr3u-l6KIJfD6AX2foQ7Ktp4flZtYJbtO2H-Tmfg4xO0sl9mh9ByJ."""
        return "".join(self._random.choices(ID_LETTERS, k=64))

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def add(self, media: Media) -> Media:
        self._files[media.media_id] = media
        self._bytes += len(media.content)
        while self._bytes > MAX_BYTES:
            self.delete(next(iter(self._files.values())))
        return media

    def find(self, media_id: object) -> Media | None:
        """A file of any account and age, as long as it is kept."""
        return self._files.get(media_id) if isinstance(media_id, str) else None

    def own(self, media_id: object, appid: str, now: float) -> Media:
        """An account's own file. Raises WeChatError 40007, also after three days if it is temporary."""
        media = self.find(media_id)
        if media is None or media.appid != appid or media.type == "uploadimg":
            raise WeChatError(40007)
        if not media.permanent and now - media.at >= TEMPORARY_SECONDS:
            raise WeChatError(40007)
        return media

    def get(self, media_id: object, appid: str, now: float, *, permanent: bool) -> Media:
        """An account's own permanent or temporary file. Raises WeChatError 40007."""
        media = self.own(media_id, appid, now)
        if media.permanent != permanent:
            raise WeChatError(40007)
        return media

    def delete(self, media: Media) -> None:
        self._bytes -= len(self._files.pop(media.media_id).content)

    def material(self, appid: str, types: Iterable[str]) -> list[Media]:
        """An account's permanent files of these types, newest first."""
        wanted = tuple(types)
        return [it for it in reversed(self._files.values()) if it.permanent and it.appid == appid and it.type in wanted]

    def newest(self, count: int | None) -> list[Media]:
        """The last files of all accounts, oldest first."""
        return list(islice(reversed(self._files.values()), count))[::-1]
