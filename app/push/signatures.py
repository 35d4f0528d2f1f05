"""How WeChat signs a push: SHA-1 over the sorted parts (WECHAT.md 6)."""

import hashlib
import hmac


def signature(*parts: str) -> str:
    """In lower case. The parts are token, timestamp, nonce, and for a `msg_signature` the Encrypt text as well."""
    return hashlib.sha1("".join(sorted(parts)).encode("utf-8", "surrogatepass")).hexdigest()  # noqa: S324 -- WeChat's signature is SHA-1


def is_signed(given: str, *parts: str) -> bool:
    """Whether `given` is the signature of the parts; how long that takes says nothing about them."""
    return hmac.compare_digest(given.encode("utf-8", "backslashreplace"), signature(*parts).encode())
