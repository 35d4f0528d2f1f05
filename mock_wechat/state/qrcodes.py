"""QR codes with a scene (带参数的二维码), by ticket."""

import struct
from base64 import b64encode
from dataclasses import dataclass
from random import Random

from .calls import Recent
from .media import ID_LETTERS


@dataclass(frozen=True)
class QrCode:
    """One code; `scene` is its scene_id or scene_str, `expires_at` (Unix seconds) is None for a permanent one."""

    ticket: str
    appid: str
    scene: int | str
    url: str
    expires_at: float | None


class QrCodes:
    """The last 10,000 codes by ticket."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._codes: Recent[QrCode] = Recent()
        self._permanent: Recent[QrCode] = Recent()

    def issue(self, appid: str, scene: int | str, now: float, seconds: int | None) -> QrCode:
        """A new code. Without `seconds` it is permanent.

        The ticket is built as WeChat's: a number, the url, the time and the seconds, each behind a tag.
        """
        url = "http://weixin.qq.com/q/02" + "".join(self._random.choices(ID_LETTERS, k=20))
        text = url.encode() + b"\0"
        head = struct.pack("<BBQHBB", 0x81, 1, self._random.getrandbits(22), 0, 1, len(text))
        times = struct.pack("<BBIBBI", 2, 4, int(now) % 2**32, 3, 4, seconds or 0)
        ticket = b64encode(head + text + times).decode()
        code = QrCode(ticket, appid, scene, url, None if seconds is None else now + seconds)
        self._codes.put(ticket, code)
        if seconds is None:
            self._permanent.put(_key(appid, scene), code)
        return code

    def permanent(self, appid: str, scene: int | str) -> QrCode | None:
        """The permanent code of a scene, if there is one."""
        return self._permanent.get(_key(appid, scene))

    def find(self, ticket: str, now: float) -> QrCode | None:
        """The code of a ticket; None if it is unknown or has expired."""
        code = self._codes.get(ticket)
        return code if code and (code.expires_at is None or now < code.expires_at) else None


def _key(appid: str, scene: int | str) -> str:
    return f"{appid} {scene!r}"
