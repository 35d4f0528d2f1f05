"""The relay: a caller's call goes to WeChat with our access_token, WeChat's answer to the caller."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from ..credentials import CredentialProvider
from ..wechat import Opener


@dataclass(frozen=True, slots=True)
class ForwardedCall:
    """What a caller asks WeChat for."""

    method: str
    path: str
    query: str = field(default="", repr=False)
    """as it came"""
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    """all of the caller's: the relay passes on Content-Type, Accept and `Wechatmp-*`, and counts X-WeChat-Hop"""
    body: IO[bytes] | None = field(default=None, repr=False)
    """a seekable file, None without a body; the caller of the relay closes it"""
    length: int = 0
    """of the body in bytes"""
    once: bool = False
    """sent on a new connection: it uses up a code"""


class ForwardedAnswer:
    """WeChat's answer. Iterate over its body, then close it.

    Iterating raises NoAnswer where WeChat breaks off: the connection to the caller has to be closed.
    """

    status: int
    headers: list[tuple[str, str]]
    """those that are passed back; Content-Length where it is known"""
    errcode: int | None
    """of a JSON object that was read whole, 0 without one there; None for any other answer"""
    rid: str | None
    """WeChat's id of the request, in some errors"""
    repeated: bool
    """whether WeChat refused a first token"""

    def __iter__(self) -> Iterator[bytes]:
        """The body, in parts of at most 64 KB."""
        raise NotImplementedError

    def close(self) -> None:
        """Free the connection to WeChat."""


class Relay:
    """Forwards calls to WeChat. Safe to share."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def send(
        self, call: ForwardedCall, provider: CredentialProvider | None = None, secrets: Sequence[str] = ()
    ) -> ForwardedAnswer:
        """WeChat's answer to the call with the provider's access_token, made once more if WeChat refuses that one.

        Without `provider` the query is sent as it is, once. `secrets` are masked in JSON answers, as tokens are: pass
        the AppSecret. Raises GatewayRefusal.
        """
        raise NotImplementedError
