"""Recent verdicts: the same content is not worth another call of WeChat's quota."""

import hashlib
import hmac
import json
import secrets
from dataclasses import asdict, replace

from ..stores import Entries
from .verdicts import Verdict


class VerdictCache:
    """Verdicts in the store, for all workers and nodes, for `seconds`; 0: none are kept.

    Names are keyed hashes, so that the store's readers learn no content. `key` must be the same on all nodes; an empty
    one is replaced by a random one of this process. WeChat's limit for a minute bounds their number: about 40,000 small
    entries of an account at a time (WECHAT.md 3).
    """

    def __init__(self, entries: Entries, key: str, seconds: float) -> None:
        self._entries = entries
        self._key = key.encode() or secrets.token_bytes(32)
        self._seconds = seconds

    def name(self, *fields: str | bytes) -> str:
        """The name in the store of the verdict on these fields, which must be all that decides it.

        Each field follows its length: lists that differ are never the same bytes.
        """
        contents = [field.encode() if isinstance(field, str) else field for field in fields]
        delimited = b"".join(len(content).to_bytes(8, "big") + content for content in contents)
        return f"verdict:{hmac.digest(self._key, delimited, hashlib.sha256).hex()}"

    def get(self, name: str) -> Verdict | None:
        """The verdict of this name, marked as `cached`."""
        text = self._entries.get(name) if self._seconds else None
        if not text:
            return None
        try:
            return replace(Verdict(**json.loads(text)), cached=True)
        except (TypeError, ValueError):  # another version of this server wrote it
            return None

    def put(self, name: str, verdict: Verdict) -> None:
        """Keep a verdict of WeChat's; one that a setting gave is asked again."""
        if self._seconds and verdict.checked and not verdict.cached:
            self._entries.put(name, json.dumps(asdict(verdict)), self._seconds)
