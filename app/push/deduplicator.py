"""Deliver each message once, however often WeChat tries: a second try gets the answer of the first."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable

from ..stores import Entries
from .errors import PushNotForwarded
from .message import Message, Reply
from .receiver import FRESH_SECONDS

REMEMBERED_SECONDS = 2.0 * FRESH_SECONDS
"""as long as a push with one timestamp is accepted, so that a recorded push is not forwarded again"""
_UNDER_WAY_SECONDS = 5.0
"""as long as WeChat waits: a worker that dies meanwhile delays the message no longer than that"""


class Deduplicator:
    """Remembers answers as expiring entries of the store, for all workers and accounts."""

    def __init__(self, entries: Entries) -> None:
        self._entries = entries

    def once(self, appid: str, message: Message, deliver: Callable[[], Reply]) -> Reply:
        """Return the answer of `deliver`, called now or when the message came first. Failures are not remembered.

        Raises PushNotForwarded while another worker delivers it: `success` would lose the message if that worker died.
        """
        name = f"push:{appid}:{message.identity}"
        if not self._entries.add(name, "", _UNDER_WAY_SECONDS):
            return self._remembered(name)
        try:
            reply = deliver()
        except PushNotForwarded:
            self._entries.put(name, "", 0)
            raise
        text = json.dumps([b64encode(reply.content).decode(), reply.content_type])
        self._entries.put(name, text, REMEMBERED_SECONDS)
        return reply

    def _remembered(self, name: str) -> Reply:
        text = self._entries.get(name)
        if not text:
            raise PushNotForwarded("Another worker is forwarding the same push.")
        content, content_type = json.loads(text)
        return Reply(b64decode(content), content_type)
