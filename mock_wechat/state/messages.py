"""What users sent, and what the account's server answered."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, fields

from .pushes import Outcome, Push

LOG_SIZE = 1000


@dataclass(frozen=True)
class UserMessage:
    """A user's message or event, pushed at `at` (Unix seconds by WeChat's clock).

    `reply` is the passive reply, None without one. `outcome` is that of the last push. If that failed, `problem` says
    why, and `notice` is what the phone shows.
    """

    id: int
    at: float
    appid: str
    openid: str
    message: Mapping[str, object]
    pushes: list[Push]
    reply: Mapping[str, object] | None
    outcome: Outcome
    problem: str | None
    notice: str | None

    def as_json(self) -> dict[str, object]:
        """All but the pushes."""
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name != "pushes"}


class UserMessages:
    """The messages of all users, oldest first. A delivery that is running at a reset writes into the old log."""

    def __init__(self) -> None:
        self._log: deque[UserMessage] = deque(maxlen=LOG_SIZE)
        self.last_id = 0

    def next_id(self) -> int:
        self.last_id += 1
        return self.last_id

    def add(self, message: UserMessage) -> None:
        self._log.append(message)

    def find(self, appid: str | None, after: int = 0) -> list[UserMessage]:
        """The messages to an account, or to all, with an id beyond `after`."""
        return [it for it in self._log if it.id > after and appid in (None, it.appid)]
