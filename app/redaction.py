"""What must not stand in any log, whoever writes the line: masks secrets by their names, their looks, or as known.

The second line of defence. The first is that nobody logs them.
"""

import json
import re
from collections.abc import Iterable
from urllib.parse import quote

MASK = "***"
SHORTEST = 6
"""characters; a shorter one is part of ordinary words"""

# Nearly every line has none of these words, and is spared the long look.
_WORDS = ("token", "secret", "ticket", "session_key", "passw", "rejected", "code", "bearer", "basic", "://")

# Each alternative begins with a literal, and its runs end where the next could begin: time grows with the text alone.
_NAMED = re.compile(
    r"""
    ( (?: token | secret | ticket | session_key | passw(?:or)?d | rejected | js_code
        | (?: (?<![a-z_]) | (?<=%3f) | (?<=%26) ) code )
      (?: \s? (?: = | %3d ) \s? \\* ["']?       # a query, encoded or not; arguments as Python shows them
        | \\* ["'] \s? : \s? \\* ["'] ) )       # JSON, perhaps inside JSON; a dict
    (?: %(?!26) | [^&%\s"'\\] )+
  | ( \b (?: bearer | basic ) \s ) [^\s"'\\,]+
  | ( :// ) [^\s/@"'\\]* (?=@)                  # user and password of a URL
    """,
    re.IGNORECASE | re.ASCII | re.VERBOSE,
)
_ACCESS_TOKEN = re.compile(r"([0-9]_)[A-Za-z0-9_-]{50,}")
"""by its looks"""

_known: tuple[str, ...] = ()


def hide(secrets: Iterable[str]) -> None:
    """From now on mask these as well, in every line of this process."""
    global _known  # noqa: PLW0603 -- of the process, as logging itself is
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    _known = tuple(sorted({*_known, *forms}, key=len, reverse=True))  # the longer first: it may contain the shorter


def redacted(text: str) -> str:
    """The text, with `***` in place of each secret."""
    for secret in _known:
        if secret in text:
            text = text.replace(secret, MASK)
    lower = text.lower()
    if any(word in lower for word in _WORDS):
        text = _NAMED.sub(_mask, text)
    return _ACCESS_TOKEN.sub(_mask, text)


def _forms(secret: str) -> set[str]:
    """As it is, in JSON, in JSON inside JSON, and in a URL."""
    once = json.dumps(secret)[1:-1]
    return {secret, once, json.dumps(once)[1:-1], quote(secret, safe="")}


def _mask(match: re.Match[str]) -> str:
    return next(part for part in match.groups() if part is not None) + MASK
