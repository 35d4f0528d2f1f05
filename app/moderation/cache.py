"""Verdicts of a short while ago: the same content is not worth another call of WeChat's quota."""

import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from ..stores import Entries
from .verdicts import Verdict


class VerdictCache:
    """Verdicts in the store, for all workers and nodes, for `seconds`; 0: none are kept.

    They are found by a keyed hash: whoever reads the store learns no content. `key` has to be the same everywhere; an
    empty one is replaced by one of this process's own. How many there are is bounded by what WeChat answers in a minute
    (WECHAT.md 3): at most some 40,000 small notes of an account at a time.
    """

    def __init__(self, notes: Entries, key: str, seconds: float) -> None:
        self._notes = notes
        self._key = key.encode() or secrets.token_bytes(32)
        self._seconds = seconds

    def name(self, *fields: str | bytes) -> str:
        """What the verdict on these fields is kept under: all that decides about it."""
        return f"verdict:{hmac.digest(self._key, b''.join(_delimited(fields)), hashlib.sha256).hex()}"

    def get(self, name: str) -> Verdict | None:
        """The verdict that was kept, marked as `cached`."""
        text = self._notes.get(name) if self._seconds else None
        if not text:
            return None
        try:
            return replace(Verdict(**json.loads(text)), cached=True)
        except (TypeError, ValueError):  # another version of this server wrote it
            return None

    def put(self, name: str, verdict: Verdict) -> None:
        """Keep a verdict of WeChat's; what a setting decided is asked again."""
        if self._seconds and verdict.checked and not verdict.cached:
            self._notes.put(name, json.dumps(asdict(verdict)), self._seconds)


def _delimited(fields: Sequence[str | bytes]) -> Iterable[bytes]:
    """Each field after its length: two lists of fields that differ are never the same bytes."""
    for field in fields:
        content = field.encode() if isinstance(field, str) else field
        yield len(content).to_bytes(8, "big")
        yield content
