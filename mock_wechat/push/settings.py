"""What an account's administrator sets up for the message push: the checks of those account fields."""

import re
from collections.abc import Callable, Mapping
from typing import Any, Literal
from urllib.parse import urlsplit

from ..fields import number, one_of, or_null, text

PushMode = Literal["plain", "compat", "secure"]
MODES: tuple[PushMode, ...] = ("plain", "compat", "secure")
PushFormat = Literal["json", "xml"]
FORMATS: tuple[PushFormat, ...] = ("json", "xml")

DEFAULT_TOKEN = "mockpushtoken"  # noqa: S105 -- the mock's own, for tests
DEFAULT_AES_KEY = "mockmessagepushencodingaeskey00000000000000"

_AES_KEY = re.compile(r"[A-Za-z0-9]{43}")


def push_url(given: object) -> str:
    """An http or https URL."""
    url = text(given)
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("must be an http or https URL") from None
    if parts.scheme not in ("http", "https") or not parts.hostname or port == 0 or not url.isprintable():
        raise ValueError("must be an http or https URL")
    return url


def _aes_key(given: object) -> str:
    """An EncodingAESKey."""
    key = text(given)
    if not _AES_KEY.fullmatch(key):
        raise ValueError("must be 43 letters and digits")
    return key


SWITCHES: Mapping[str, Callable[[object], Any]] = {
    "push_url": or_null(push_url),
    "push_token": text,
    "push_aes_key": _aes_key,
    "push_mode": one_of(*MODES),
    "push_format": one_of(*FORMATS),
    "push_delay_seconds": number(0, 86400),
}
