"""The errors of message pushes, beside those of `app.errors`."""

from ..errors import CentralServerError


class PushRefused(CentralServerError):
    """A message push that is not WeChat's, not for this account, or replayed. `reason` is for the log only."""

    def __init__(self, reason: str) -> None:
        super().__init__("The push is not signed or encrypted as this account's are, or its time is wrong.")
        self.reason = reason


class PushUnreadable(CentralServerError):
    """A message push that cannot be read; the text says why."""


class PushNotForwarded(CentralServerError):
    """The account's own server did not take a message push, or not in time; the text says why."""
