"""The sources of credentials: which endpoint to ask, and the lifetime of what it issues."""

from collections.abc import Callable
from dataclasses import dataclass

from ..central import CentralClient, Endpoint
from ..stores import Credential
from ..wechat import GETTICKET, STABLE_TOKEN, TOKEN, Issued, WeChatClient
from . import lifetimes

BeforeSending = Callable[[], None]
"""called just before a request is sent; raises if the lease may end before the request does"""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to get a credential."""

    endpoint: str
    fetch: Callable[[BeforeSending, str | None], Issued]
    """`fetch(before_sending, refused)`: `refused` is the value that WeChat refused, if that is the reason"""
    lifetime: Callable[[Credential | None, Issued, float], Credential]
    force: Callable[[], Issued] | None = None
    """revokes the current one and returns a new one; None: not possible"""
    last_asker_wins: bool = False
    """whether WeChat honours the last caller, so that an overtaken fetch has revoked the stored one"""


def stable(client: WeChatClient) -> Source:
    """The stable access_token."""

    def fetch(before_sending: BeforeSending, _refused: str | None) -> Issued:
        before_sending()
        return client.stable_token()

    return Source(STABLE_TOKEN, fetch, lifetimes.stable_token, force=lambda: client.stable_token(force_refresh=True))


def classic(client: WeChatClient) -> Source:
    """The classic access_token."""

    def fetch(before_sending: BeforeSending, _refused: str | None) -> Issued:
        before_sending()
        return client.token()

    return Source(TOKEN, fetch, lifetimes.classic_token, last_asker_wins=True)


def ticket(client: WeChatClient, use: Callable[[Callable[[str], Issued]], Issued], kind: str = "jsapi") -> Source:
    """The ticket of this type. `use` makes a call with an access_token."""

    def fetch(before_sending: BeforeSending, _refused: str | None) -> Issued:
        def getticket(token: str) -> Issued:
            before_sending()  # fetching the token may have taken a while
            return client.getticket(token, kind)

        return use(getticket)

    return Source(GETTICKET, fetch, lifetimes.ticket)


def central(client: CentralClient, endpoint: Endpoint) -> Source:
    """Another central server's credential. That server decides when to fetch, also for a refused one."""

    def fetch(before_sending: BeforeSending, refused: str | None) -> Issued:
        before_sending()
        return client.successor(endpoint, refused) if refused else client.current(endpoint)

    return Source(endpoint.path, fetch, lifetimes.central)
