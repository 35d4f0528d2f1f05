"""Each message is delivered once, however often WeChat tries: a second try gets the answer of the first."""

import json
from base64 import b64decode, b64encode
from collections.abc import Callable

from ..credential import Notes
from ..exceptions import PushNotForwarded
from .message import Message
from .reply import Reply

REMEMBERED_SECONDS = 60.0
"""WeChat tries three times within some 15 s (WECHAT.md 6)"""
_UNDER_WAY_SECONDS = 5.0
"""as long as WeChat waits: a worker that dies meanwhile holds up nothing for longer"""


class Deliveries:
    """Remembers answers in notes that all workers see, for all accounts."""

    def __init__(self, notes: Notes) -> None:
        self._notes = notes

    def once(self, appid: str, message: Message, deliver: Callable[[], Reply]) -> Reply:
        """What `deliver` answers, now or when the message came first. What could not be delivered is not remembered.

        Raises PushNotForwarded while another worker is at it: were that one to die, `success` would lose the message.
        """
        name = f"push:{appid}:{message.identity}"
        if not self._notes.add(name, "", _UNDER_WAY_SECONDS):
            return self._remembered(name)
        try:
            reply = deliver()
        except PushNotForwarded:
            self._notes.put(name, "", 0)
            raise
        text = json.dumps([b64encode(reply.content).decode(), reply.content_type])
        self._notes.put(name, text, REMEMBERED_SECONDS)
        return reply

    def _remembered(self, name: str) -> Reply:
        text = self._notes.get(name)
        if not text:
            raise PushNotForwarded("The same push is being forwarded at this moment.")
        content, content_type = json.loads(text)
        return Reply(b64decode(content), content_type)
