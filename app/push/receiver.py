"""Verify and decrypt what WeChat pushes to an account, and encrypt the answer."""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable, Mapping
from itertools import islice

from ..accounts import Account
from ..errors import NotConfigured
from .cipher import RANDOM_BYTES, PushCipher
from .errors import PushRefused, PushUnreadable
from .message import Form, Message, read_message, write_message

FRESH_SECONDS = 300
"""how far a push's timestamp may be from our clock: an older one may be a recorded one, sent again"""

_TIMESTAMP = re.compile(r"\d{1,12}", re.ASCII)
_ECHOSTR = re.compile(r"[!-~]{1,256}")
_ENCRYPT = re.compile(rb'Encrypt(?:>\s*+(?:<!\[CDATA\[)?|"\s*+:\s*+")([A-Za-z0-9+/=\\]{1,262144})')
"""an Encrypt text of 256 KB at most: a worker's threads must not hold several copies of a megabyte each"""
_MOST_ENCRYPT = 8
"""Encrypt texts that are tried: in compatibility mode a user's text may contain such an element too"""


class Receiver:
    """Receives what WeChat pushes to `account`. `clock` gives Unix seconds, `random_bytes(n)` n random bytes.

    Raises NotConfigured for an account without a push token.
    """

    def __init__(
        self, account: Account, clock: Callable[[], float], random_bytes: Callable[[int], bytes] = secrets.token_bytes
    ) -> None:
        if account.push is None:
            raise NotConfigured(f"The account {account.name} has no push_token, so WeChat cannot push to it.")
        self._token = account.push.token
        keys = account.push.aes_keys
        self._cipher = PushCipher(account.appid, keys) if keys else None
        self._clock = clock
        self._random_bytes = random_bytes

    def check_url(self, query: Mapping[str, str]) -> str:
        """Answer WeChat's check of the URL: the `echostr`. Raises PushRefused or PushUnreadable."""
        self._check_signature(query)
        if not _ECHOSTR.fullmatch(query.get("echostr", "")):
            raise PushUnreadable("echostr is missing, or contains characters that WeChat does not use")
        return query["echostr"]

    def open(self, query: Mapping[str, str], body: bytes) -> Message:
        """Return the message in a push. Raises PushRefused, and PushUnreadable where the account lacks the AES key.

        `signature` covers token, timestamp and nonce and is sent in every mode: it is checked before the body is read.
        It does not cover the body; with an AES key only the encrypted part counts, which `msg_signature` covers.
        """
        self._check_signature(query)
        if self._cipher is None:
            message = read_message(body)
            if "Encrypt" in message.fields and "MsgType" not in message.fields:
                raise PushUnreadable("it is encrypted, and the account has no push_aes_key")
            return message
        encrypted = self._encrypted(query, body)
        try:
            return read_message(self._cipher.opened(encrypted))
        except ValueError as error:
            raise PushRefused(str(error)) from None

    def write_reply(self, fields: Mapping[str, str | int], form: Form) -> bytes:
        """Our answer to a push, encrypted where there is a key."""
        content = write_message(fields, form)
        if self._cipher is None:
            return content
        encrypted = self._cipher.sealed(content, self._random_bytes(RANDOM_BYTES))
        timestamp, nonce = int(self._clock()), self._random_bytes(8).hex()
        signed = signature(self._token, str(timestamp), nonce, encrypted)
        reply: dict[str, str | int] = {"Encrypt": encrypted, "MsgSignature": signed}
        return write_message(reply | {"TimeStamp": timestamp, "Nonce": nonce}, form)

    def _check_signature(self, query: Mapping[str, str]) -> None:
        timestamp = query.get("timestamp", "")
        if not _is_signed(query.get("signature", ""), self._token, timestamp, query.get("nonce", "")):
            raise PushRefused("the signature is wrong")
        off = float(timestamp) - self._clock() if _TIMESTAMP.fullmatch(timestamp) else float("inf")
        if abs(off) > FRESH_SECONDS:
            raise PushRefused(f"its timestamp is {off:.0f} s off")

    def _encrypted(self, query: Mapping[str, str], body: bytes) -> str:
        """The Encrypt text that `msg_signature` covers."""
        matches = islice(_ENCRYPT.finditer(body), _MOST_ENCRYPT)
        texts = [match[1].translate(None, b"\\").decode() for match in matches]
        if not texts:
            raise PushRefused("it is not encrypted, and the account has a push_aes_key")
        given = query.get("msg_signature", "")
        for text in texts:
            if _is_signed(given, self._token, query["timestamp"], query.get("nonce", ""), text):
                return text
        if given and given == query["signature"]:
            raise PushRefused("msg_signature is wrong: it is the value of signature")
        raise PushRefused("msg_signature is wrong")


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, in lower case: token, timestamp, nonce, and for `msg_signature` Encrypt as well."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324 -- WeChat's signature is SHA-1


def _is_signed(given: str, *parts: str) -> bool:
    """Compare in constant time."""
    return hmac.compare_digest(given.encode("utf-8", "backslashreplace"), signature(*parts).encode())
