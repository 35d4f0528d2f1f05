"""The relay: a caller's call goes to WeChat with our access_token, WeChat's answer to the caller."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import IO, Any
from urllib.parse import quote

from ..credentials import CredentialProvider
from ..errors import AccessTokenRefused, CentralServerError
from ..wechat import Answer, NoAnswer, Opened, Opener, errcode_of, refusal, rid_of
from . import answers
from .query import with_access_token

HOP = "X-WeChat-Hop"
"""counts gateways in a row: two are a laptop's server that calls production's, three are a loop"""
_HOPS = {"": "1", "1": "2"}
_USER_AGENT = "wechat-central-server"
_SENT = {"content-type", "accept"}
_SENT_BACK = {"content-type", "content-disposition", "content-encoding"}
_WECHATS_OWN = "wechatmp-"

_READ_WHOLE_BYTES = 64 * 1024
_BLOCK_BYTES = 64 * 1024
_LONGEST_TOKEN = 1024
_QUOTES_REQUESTS = "/cgi-bin/openapi/rid/get"
_QUOTED_TOKEN = re.compile(rb'(?<=access_token=)[^&"\\\s]+')

Mask = Callable[[bytes], bytes]


@dataclass(frozen=True, slots=True)
class ForwardedCall:
    """What a caller asks WeChat for."""

    method: str
    path: str
    query: str = field(default="", repr=False)
    """as it came"""
    headers: Iterable[tuple[str, str]] = field(default=(), repr=False)
    """all of the caller's headers; the relay chooses"""
    body: IO[bytes] | None = field(default=None, repr=False)
    """a seekable file, None without a body; the relay does not close it"""
    length: int = 0
    """of the body in bytes"""
    once: bool = False
    """it uses up a code: sent on a new connection, and never again with the same token"""


class ForwardedAnswer:
    """WeChat's answer. Iterate over its body, then close it.

    Iterating raises NoAnswer where WeChat breaks off: the connection to the caller has to be closed.
    """

    def __init__(self, opened: Opened, head: bytes, mask: Mask) -> None:
        document = _json_object(head) if opened.ended else None
        self.status = opened.status
        self.headers = [(name, value) for name, value in opened.headers.items() if _passes(name, _SENT_BACK)]
        """those passed back, and Content-Length where it is known"""
        length = str(len(head)) if opened.ended else opened.headers.get("Content-Length")
        if length:
            self.headers.append(("Content-Length", length))
        self.errcode = None if document is None else errcode_of(document)
        """of a JSON object that was read whole, 0 if it has none; None for any other answer"""
        self.rid = rid_of(str(document.get("errmsg"))) if document else None
        """WeChat's id of the request, in some errors"""
        self.repeated = False
        """whether WeChat refused another token before"""
        self._opened = opened
        self._head = head
        self._mask = mask if _is_text(head, self.headers) else None

    def __iter__(self) -> Iterator[bytes]:
        """The body, in parts of about 64 KB."""
        kept = b""
        for part in self._parts():
            if self._mask is None:
                yield part
                continue
            kept = self._mask(kept + part)
            if len(kept) > _LONGEST_TOKEN and not self._opened.ended:  # a token may go on in the next part
                yield kept[:-_LONGEST_TOKEN]
                kept = kept[-_LONGEST_TOKEN:]
        if kept:
            yield kept

    def close(self) -> None:
        """Free the connection to WeChat."""
        self._opened.close()

    def _parts(self) -> Iterator[bytes]:
        part = self._head
        while part:
            yield part
            part = b"" if self._opened.ended else self._opened.read(_BLOCK_BYTES)


class Relay:
    """Forwards calls to WeChat. Safe to share."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    def send(
        self, call: ForwardedCall, provider: CredentialProvider | None = None, secrets: Sequence[str] = ()
    ) -> ForwardedAnswer:
        """WeChat's answer to the call with the provider's access_token, made once more if WeChat refuses the token.

        We assume that WeChat has not processed a call whose token it refuses. Without `provider` the query is sent as
        it is, once. `secrets` are masked in text, as the tokens are: pass the AppSecret. Raises GatewayRefusal.
        """
        headers = _sent_headers(call.headers)
        hidden = list(secrets)
        refused: list[ForwardedAnswer] = []

        def ask(access_token: str) -> ForwardedAnswer:
            hidden.append(access_token)
            answer = self._answer(call, with_access_token(call.query, access_token), headers, hidden)
            answer.repeated = bool(refused)
            error = refusal(answer.errcode or 0, "", endpoint=call.path)
            if isinstance(error, AccessTokenRefused):
                refused.append(answer)
                raise error
            return answer

        try:
            if provider is None:
                return self._answer(call, call.query, headers, hidden)
            return provider.use(ask, once=call.once)
        except NoAnswer as error:
            failure = answers.refusal("unanswered" if error.connected else "not sent")
        except CentralServerError as error:
            if refused:
                return refused[-1]
            failure = answers.of(error)
        raise failure

    def _answer(
        self, call: ForwardedCall, query: str, headers: dict[str, str], hidden: Sequence[str]
    ) -> ForwardedAnswer:
        target = f"{call.path}?{query}" if query else call.path
        opened = self._opener.open(call.method, target, headers, call.body, call.length, once=call.once)
        head = b""
        try:
            while not opened.ended and len(head) < _READ_WHOLE_BYTES:
                head += opened.read(_READ_WHOLE_BYTES - len(head))
        except NoAnswer:
            opened.close()
            raise
        if opened.ended:
            opened.close()
        return ForwardedAnswer(opened, head, partial(_masked, hidden, call.path.lower() == _QUOTES_REQUESTS))


def _sent_headers(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """The caller's headers that WeChat gets, and ours; urllib3 adds Host and `Accept-Encoding: identity`."""
    hops, sent = "", {"User-Agent": _USER_AGENT}
    for name, value in headers:
        if name.lower() == HOP.lower():
            hops = value
        elif _passes(name, _SENT):
            sent[name] = value
    if hops not in _HOPS:
        raise answers.refusal("loop")
    return {**sent, HOP: _HOPS[hops]}


def _passes(name: str, names: set[str]) -> bool:
    name = name.lower()
    return name in names or name.startswith(_WECHATS_OWN)


def _json_object(body: bytes) -> dict[str, Any] | None:
    if not body.startswith(b"{"):
        return None
    try:
        return Answer(200, {}, body).json_object()
    except NoAnswer:
        return None


def _is_text(head: bytes, headers: Iterable[tuple[str, str]]) -> bool:
    kinds = [value.lower() for name, value in headers if name.lower() == "content-type"]
    return head.startswith(b"{") or any(kind.startswith("text/") or "json" in kind for kind in kinds)


def _masked(secrets: Iterable[str], quotes_requests: bool, text: bytes) -> bytes:
    """The text with asterisks in place of the secrets, and of older tokens where WeChat quotes requests."""
    for secret in secrets:
        for form in {secret, quote(secret, safe="")}:
            text = text.replace(form.encode(), b"*" * len(form.encode()))
    return _QUOTED_TOKEN.sub(lambda found: b"*" * len(found[0]), text) if quotes_requests else text
