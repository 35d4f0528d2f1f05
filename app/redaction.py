"""Masks the configured secrets, keys and passwords in every log line.

The second line of defence. The first: no code logs a secret, a fetched credential or a query string; urllib3, which
logs whole URLs, is silenced.
"""

import json
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"
SHORTEST = 6
"""characters; a shorter secret may be part of ordinary words"""

_known: tuple[str, ...] = ()


def hide(secrets: Iterable[str]) -> None:
    """Mask these too, in every later line of this process."""
    global _known  # noqa: PLW0603 -- of the process, as logging itself is
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    _known = tuple(sorted({*_known, *forms}, key=len, reverse=True))  # longer first: it may contain a shorter one


def redacted(text: str) -> str:
    """Return the text with `***` in place of each known secret."""
    for secret in _known:
        if secret in text:
            text = text.replace(secret, MASK)
    return text


def _forms(secret: str) -> set[str]:
    """The secret as it is, in JSON, in JSON inside JSON, and in a URL."""
    once = json.dumps(secret)[1:-1]
    return {secret, once, json.dumps(once)[1:-1], quote(secret, safe="")}
