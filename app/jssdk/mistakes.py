"""The table of signature mistakes, static/signature-mistakes.json. The debugger page reads the same file.

A row has a `name`, a `title` and a `hint` in English and Chinese, and for a mistake in the URL its `tries`: each is a
list of steps that make the signed URL from the right one. A step is an operation of `_OPERATIONS` with its arguments.
"""

import json
import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import TypedDict
from urllib.parse import quote

from ..static_files import STATIC

TABLE = STATIC / "signature-mistakes.json"

_ESCAPES = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
_ESCAPED_TEXT = re.compile(r"(?:%(?!3b|2f|3f|3a|40|26|3d|2b|24|2c|23)[0-9a-f]{2})+", re.IGNORECASE)
"""the escapes that JavaScript's decodeURI decodes"""
_SAFE = {"component": "!~*'()", "strict": "", "uri": "!~*'();/?:@&=+$,#"}
"""what encodeURIComponent, urllib.parse.quote and encodeURI leave as it is"""


class Hint(TypedDict):
    """One text in both languages."""

    en: str
    zh: str


class Mistake(TypedDict, total=False):
    """A row of the table."""

    name: str
    title: Hint
    hint: Hint
    tries: list[list[list[str]]]


@cache
def mistakes() -> dict[str, Mistake]:
    """All mistakes by name, the likeliest first."""
    rows: list[Mistake] = json.loads(TABLE.read_text("utf-8"))
    return {row["name"]: row for row in rows}


def signed_urls(mistake: Mistake, url: str) -> Iterator[str]:
    """The URLs that a server signs by this mistake in place of `url`; `url` itself may be among them."""
    for steps in mistake["tries"]:
        signed = url
        for operation, *arguments in steps:
            signed = _OPERATIONS[operation](signed, *arguments)
        yield signed


def _replace(url: str, pattern: str, replacement: str) -> str:
    """Replace all matches; `$1` in the replacement is the first group, as in JavaScript."""
    return re.sub(pattern, replacement.replace("$1", r"\g<1>"), url, flags=re.IGNORECASE | re.DOTALL)


def _in_part(change: Callable[[str], str]) -> Callable[..., str]:
    """Apply `change` to the whole URL, or to its "path" (up to the first ?) or "query" (the rest) alone."""

    def changed(url: str, part: str = "") -> str:
        path, mark, query = url.partition("?")
        if part == "path":
            return change(path) + mark + query
        return path + change(mark + query) if part == "query" else change(url)

    return changed


def _without(url: str, *names: str) -> str:
    """Remove these parameters from the query."""
    whole, hash_, fragment = url.partition("#")
    path, mark, query = whole.partition("?")
    kept = [pair for pair in query.split("&") if pair.partition("=")[0] not in names]
    return path + (mark if kept else "") + "&".join(kept) + hash_ + fragment


def _add(url: str, parameters: str) -> str:
    whole, hash_, fragment = url.partition("#")
    return f"{whole}{'&' if '?' in whole else '?'}{parameters}{hash_}{fragment}"


def _decoded(run: re.Match[str]) -> str:
    try:
        return bytes.fromhex(run[0].replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return run[0]


_OPERATIONS: dict[str, Callable[..., str]] = {
    "replace": _replace,
    "encode": lambda url, kind: quote(url, safe=_SAFE[kind]),
    "decode": _in_part(lambda text: _ESCAPES.sub(_decoded, text)),
    "decode_text": _in_part(lambda text: _ESCAPED_TEXT.sub(_decoded, text)),
    "plus_to_space": _in_part(lambda text: text.replace("+", " ")),
    "lower_escapes": lambda url: _ESCAPES.sub(lambda run: run[0].lower(), url),
    "upper_escapes": lambda url: _ESCAPES.sub(lambda run: run[0].upper(), url),
    "without": _without,
    "add": _add,
}
