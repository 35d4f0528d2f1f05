"""A provider and everything around it, on one fake clock."""

from collections.abc import Callable
from dataclasses import replace

from app.credential import Credential, Key, Shelf
from app.errcodes import refusal
from app.exceptions import WeChatRefused, WeChatUnavailable
from app.provider import CredentialProvider, lifetimes
from app.stores import MemoryShelf
from app.timing import Timing
from tests.doubles import FakeClock, Issuer, surroundings

KEY = Key("wx0000000000000001", "access_token")
DOWN = WeChatUnavailable("WeChat, /test: could not be reached.")


def refused(endpoint: str = "/wxa/msg_sec_check") -> WeChatRefused:
    return refusal(40001, "invalid credential", endpoint=endpoint)


class Nursery:
    """A provider in classic mode and everything around it, on one fake clock."""

    def __init__(self, *, stable: bool = False, seats: int = 16) -> None:
        self.clock = FakeClock()
        self.shelf = MemoryShelf(self.clock)
        self.wechat = Issuer()
        self.timing = Timing()
        self.around = surroundings(self.shelf, self.clock, seats=seats, timing=self.timing)
        self.source = (
            self.wechat.source(lifetimes.stable_token, force=True)
            if stable
            else self.wechat.source(lifetimes.classic_token, last_asker_wins=True)
        )
        self.provider = self.another_process()

    def another_process(self) -> CredentialProvider:
        return CredentialProvider(KEY, [self.source], self.around)

    def another_node(self, egress: str, shelf: Shelf | None = None) -> CredentialProvider:
        around = replace(self.around, egress=egress, shelf=shelf or self.shelf)
        return CredentialProvider(KEY, [self.source], around)

    def saving(self, credential: Credential) -> Callable[[], None]:
        """Another process saves this as the first one."""

        def save() -> None:
            self.shelf.save(KEY, credential, 0)

        return save

    def refuse(self, *values: str) -> Callable[[str], str]:
        """A call that WeChat refuses with these tokens; else it answers the token."""

        def call(token: str) -> str:
            if token in values:
                raise refused()
            return token

        return call
