"""Builds what `wx.config` needs on a page: pure functions, no clock, no randomness, no network."""

import re
from hashlib import sha1
from typing import TypedDict

_ABSOLUTE = re.compile(r"^[a-z][a-z0-9+.-]*://[^/?#]*", re.IGNORECASE | re.ASCII)


class Config(TypedDict):
    """The answer to a page, ready to be spread into `wx.config`."""

    appId: str
    timestamp: int
    nonceStr: str
    signature: str
    url: str


def string1(jsapi_ticket: str, noncestr: str, timestamp: int, url: str) -> str:
    """The text that WeChat hashes, in its fixed order. The URL goes in as it is: decoding or tidying changes the hash.

    Raises ValueError without a ticket: `jsapi_ticket=None` would be hashed without complaint, and never be valid.
    """
    if not jsapi_ticket:
        raise ValueError("there is no jsapi_ticket to sign with")
    return f"jsapi_ticket={jsapi_ticket}&noncestr={noncestr}&timestamp={timestamp}&url={url.partition('#')[0]}"


def signature(string1: str) -> str:
    """The SHA-1 of string1 in UTF-8, as 40 hexadecimal digits."""
    return sha1(string1.encode("utf-8"), usedforsecurity=False).hexdigest()


def config(appid: str, jsapi_ticket: str, url: str, *, noncestr: str, timestamp: int) -> Config:
    """What the page at `url` passes to `wx.config`. `timestamp`: Unix seconds. `url` comes back as it was signed."""
    return {
        "appId": appid,
        "timestamp": timestamp,
        "nonceStr": noncestr,
        "signature": signature(string1(jsapi_ticket, noncestr, timestamp, url)),
        "url": url.partition("#")[0],
    }


def page_url(origin: str, target: str) -> str:
    """The address of a page as its browser has it. `target` is that of the request line, still encoded.

    A target may be absolute, as proxies get it; its host is the caller's choice, and is left out.
    """
    behind = _ABSOLUTE.sub("", target)
    return origin + (behind if behind.startswith("/") else f"/{behind}")
