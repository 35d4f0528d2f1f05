"""Where a credential comes from: the endpoint to ask, and how long what it issues is good for."""

from collections.abc import Callable
from dataclasses import dataclass

from ..central import CentralClient, Door
from ..stores import Credential
from ..wechat import GETTICKET, STABLE_TOKEN, TOKEN, Issued, WeChatClient
from . import lifetimes

BeforeSending = Callable[[], None]
"""called just before a request is sent; raises if the lease has too little time left for it"""


@dataclass(frozen=True, slots=True)
class Source:
    """One way to get a credential."""

    endpoint: str
    fetch: Callable[[BeforeSending], Issued]
    lifetime: Callable[[Credential | None, Issued, float], Credential]
    force: Callable[[], Issued] | None = None
    """gets a new one by killing the current one at once; None: there is no such way"""
    last_asker_wins: bool = False
    """whether WeChat honours the last asker, so that a fetch that was overtaken has killed the stored one"""
    replace: Callable[[BeforeSending, str], Issued] | None = None
    """asks for what comes after a value that WeChat refused; None: that is what `fetch` gets"""


def stable(client: WeChatClient) -> Source:
    """The stable access_token."""

    def fetch(before_sending: BeforeSending) -> Issued:
        before_sending()
        return client.stable_token()

    return Source(STABLE_TOKEN, fetch, lifetimes.stable_token, force=lambda: client.stable_token(force_refresh=True))


def classic(client: WeChatClient) -> Source:
    """The classic access_token."""

    def fetch(before_sending: BeforeSending) -> Issued:
        before_sending()
        return client.token()

    return Source(TOKEN, fetch, lifetimes.classic_token, last_asker_wins=True)


def ticket(client: WeChatClient, use: Callable[[Callable[[str], Issued]], Issued]) -> Source:
    """The jsapi_ticket, which takes an access_token to get: `use` makes a call with one."""

    def fetch(before_sending: BeforeSending) -> Issued:
        def getticket(token: str) -> Issued:
            before_sending()  # the token may have taken a while
            return client.getticket(token)

        return use(getticket)

    return Source(GETTICKET, fetch, lifetimes.ticket)


def central(client: CentralClient, door: Door) -> Source:
    """What another central server hands out at this door; it decides when to fetch, also for a refused one."""

    def fetch(before_sending: BeforeSending) -> Issued:
        before_sending()
        return client.current(door)

    def replace(before_sending: BeforeSending, refused: str) -> Issued:
        before_sending()
        return client.successor(door, refused)

    return Source(door.path, fetch, lifetimes.central, replace=replace)
