"""What accounts sent to their users: customer service, template, subscription and mass messages."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

SentKind = Literal["custom", "typing", "template", "subscribe", "mass"]
LOG_SIZE = 10_000
REPEAT_SECONDS = 600
"""How long a client_msg_id prevents a second template message (发送模板消息)."""


@dataclass(frozen=True)
class SentMessage:
    """One message, sent at `at` (Unix seconds). `message` is the request's JSON; `msgid` the id in the answer.

    `rendered` is a template message as its user sees it: title, text, and url or page if it has them.
    """

    id: int
    at: float
    appid: str
    path: str
    kind: SentKind
    touser: object
    message: Mapping[str, object]
    rendered: Mapping[str, str] | None = None
    msgid: int | None = None


class SentLog:
    """The last messages, oldest first."""

    def __init__(self) -> None:
        self._messages: deque[SentMessage] = deque(maxlen=LOG_SIZE)
        self.last_id = 0

    def add(self, message: SentMessage) -> None:
        """Keep a message whose id came from `next_id`."""
        self._messages.append(message)

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def find(
        self, appid: str | None = None, kind: str | None = None, after: int = 0, newest: int | None = None
    ) -> list[SentMessage]:
        """The messages of an account or all, of one kind or all, behind the id `after`; the `newest` ones."""
        found = (
            message
            for message in reversed(self._messages)
            if message.id > after and appid in (None, message.appid) and kind in (None, message.kind)
        )
        return list(islice(found, newest))[::-1]

    def repeated(self, appid: str, touser: str, client_msg_id: object, now: float) -> SentMessage | None:
        """The template message with this client_msg_id to this user in the last ten minutes."""
        for message in reversed(self._messages):
            if now - message.at > REPEAT_SECONDS:
                return None
            same_user = (message.kind, message.appid, message.touser) == ("template", appid, touser)
            if same_user and message.message.get("client_msg_id") == client_msg_id:
                return message
        return None
