"""An account's message push: who may put something in, and how our answer is wrapped."""

import re
import secrets
from collections.abc import Callable, Mapping

from ..accounts import Account
from ..exceptions import DoorClosed, PushRefused, PushUnreadable
from .cipher import RANDOM_BYTES, PushCipher
from .message import Form, Message, read_message, written
from .signatures import is_signed, signature

FRESH_SECONDS = 300
"""how far a push's timestamp may be from our clock: an older one was recorded and is played again"""

_TIMESTAMP = re.compile(r"\d{1,12}", re.ASCII)
_ECHOSTR = re.compile(r"[!-~]{1,256}")


class Mailbox:
    """Takes in what WeChat pushes to `account`. `clock` gives Unix seconds, `random_bytes` as many as it is asked for.

    Raises DoorClosed for an account without a push token.
    """

    def __init__(
        self,
        account: Account,
        clock: Callable[[], float],
        random_bytes: Callable[[int], bytes] = secrets.token_bytes,
    ) -> None:
        if account.push is None:
            raise DoorClosed(f"The account {account.name} has no push_token, so nothing can be pushed to it.")
        self._token = account.push.token
        keys = account.push.aes_keys
        self._cipher = PushCipher(account.appid, keys) if keys else None
        self._clock = clock
        self._random_bytes = random_bytes

    def echo(self, query: Mapping[str, str]) -> str:
        """WeChat's check of the URL: the `echostr` that it wants back. Raises PushRefused or PushUnreadable."""
        self._check_signature(query.get("signature", ""), query)
        if not _ECHOSTR.fullmatch(query.get("echostr", "")):
            raise PushUnreadable("echostr is missing, or has what no echostr has")
        return query["echostr"]

    def opened(self, query: Mapping[str, str], body: bytes) -> Message:
        """The message in a push. With an AES key nothing counts but what is encrypted. Raises as `echo` does."""
        if self._cipher is None:
            self._check_signature(query.get("signature", ""), query)
            message = _read(body)
            if "Encrypt" in message.fields and "MsgType" not in message.fields:
                raise PushUnreadable("it is encrypted, and the account has no push_aes_key")
            return message
        encrypted = _read(body).text("Encrypt")
        if not encrypted:  # WeChat's signature of a plain push says nothing of its body
            raise PushRefused("it is not encrypted, and the account has a push_aes_key")
        self._check_signature(query.get("msg_signature", ""), query, encrypted)
        try:
            content = self._cipher.opened(encrypted)
        except ValueError as error:
            raise PushRefused(str(error)) from None
        return _read(content)

    def wrapped(self, fields: Mapping[str, str | int], form: Form) -> bytes:
        """Our answer to a push, encrypted where there is a key."""
        content = written(fields, form)
        if self._cipher is None:
            return content
        encrypted = self._cipher.sealed(content, self._random_bytes(RANDOM_BYTES))
        timestamp, nonce = int(self._clock()), self._random_bytes(8).hex()
        signed = signature(self._token, str(timestamp), nonce, encrypted)
        reply: dict[str, str | int] = {"Encrypt": encrypted, "MsgSignature": signed}
        return written(reply | {"TimeStamp": timestamp, "Nonce": nonce}, form)

    def _check_signature(self, given: str, query: Mapping[str, str], *more: str) -> None:
        timestamp = query.get("timestamp", "")
        if not is_signed(given, self._token, timestamp, query.get("nonce", ""), *more):
            raise PushRefused("the signature is wrong")
        off = float(timestamp) - self._clock() if _TIMESTAMP.fullmatch(timestamp) else float("inf")
        if abs(off) > FRESH_SECONDS:
            raise PushRefused(f"its timestamp is {off:.0f} s off")


def _read(content: bytes) -> Message:
    try:
        return read_message(content)
    except ValueError as error:
        raise PushUnreadable(str(error)) from None
