"""The mistakes that servers make with a page's address: a table from each to the addresses that come of it.

static/debugger-addresses.js has the same table for the browser, line by line; tests compare what comes of both.
"""

import re
from collections.abc import Callable, Iterator
from itertools import product
from urllib.parse import quote

Addresses = Callable[[str], Iterator[str]]
"""the addresses that a mistake makes of the right one, which may be among them"""

_SHARED_FROM = ("singlemessage", "groupmessage", "timeline")
_SHARED = (
    *(f"from={source}{more}" for source in _SHARED_FROM for more in ("", "&isappinstalled=0", "&isappinstalled=1")),
    "isappinstalled=0",
    "isappinstalled=1",
)
_PORTS = ("", ":80", ":443", ":8080")

_ENCODED = re.compile(r"(?:%[0-9a-f]{2})+", re.IGNORECASE)
_ENCODED_TEXT = re.compile(r"(?:%(?!3b|2f|3f|3a|40|26|3d|2b|24|2c|23)[0-9a-f]{2})+", re.IGNORECASE)
_ORIGIN = re.compile(r"(https?://[^/?#:]+)(?::[0-9]+)?(?=[/?#]|$)", re.IGNORECASE | re.ASCII)
_UNRESERVED = "!~*'()"
"""what JavaScript leaves alone, besides what everybody does"""
_RESERVED = ";/?:@&=+$,#"


def _decoded(url: str) -> Iterator[str]:
    path, query = _cut(url, "?")
    paths = (_decode(path), _decode_text(path), path)
    queries = (_decode(query), _decode(query.replace("+", " ")), _decode_text(query), query)
    yield from map("".join, product(paths, queries))


def _encoded(url: str) -> Iterator[str]:
    component = quote(url, safe=_UNRESERVED)
    yield component
    yield quote(url, safe="")
    yield _lower_digits(component)
    yield _lower_digits(quote(url, safe=""))
    yield quote(component, safe=_UNRESERVED)
    whole = quote(url, safe=_UNRESERVED + _RESERVED)
    yield whole
    yield whole.replace("%25", "%")
    yield _lower_digits(url)
    yield _ENCODED.sub(lambda run: run[0].upper(), url)


def _ampersands_escaped(url: str) -> Iterator[str]:
    yield url.replace("&", "&amp;")
    yield url.replace("&amp;", "&")


def _scheme_changed(url: str) -> Iterator[str]:
    scheme, colon, rest = url.partition(":")
    other = {"http": "https", "https": "http"}.get(scheme.lower(), scheme)
    yield other + colon + rest


def _slash_changed(url: str) -> Iterator[str]:
    path, rest = _cut(url, "?#")
    yield f"{path}/{rest}"
    yield path.removesuffix("/") + rest
    yield f"{url}/"
    yield url.removesuffix("/")


def _share_parameters_changed(url: str) -> Iterator[str]:
    whole, fragment = _cut(url, "#")
    path, query = _cut(whole, "?")
    pairs = query[1:].split("&")
    for names in (("from", "isappinstalled"), ("isappinstalled",), ("from",)):
        kept = [pair for pair in pairs if pair.partition("=")[0] not in names]
        yield path + ("?" if kept else "") + "&".join(kept) + fragment if query else url
    for shared in _SHARED:
        yield f"{whole}{'&' if query else '?'}{shared}{fragment}"


def _query_left_out(url: str) -> Iterator[str]:
    yield _cut(url, "?#")[0]


def _port_changed(url: str) -> Iterator[str]:
    for port in _PORTS:
        yield _ORIGIN.sub(lambda origin, port=port: origin[1] + port, url, count=1)  # type: ignore[misc] # a default


ADDRESSES: dict[str, Addresses] = {
    "url_decoded": _decoded,
    "url_encoded": _encoded,
    "ampersand_escaped": _ampersands_escaped,
    "scheme_changed": _scheme_changed,
    "slash_changed": _slash_changed,
    "share_parameters": _share_parameters_changed,
    "query_left_out": _query_left_out,
    "port_changed": _port_changed,
}


def _cut(text: str, characters: str) -> tuple[str, str]:
    """What stands before the first of these characters, and the rest."""
    at = min((found for found in map(text.find, characters) if found >= 0), default=len(text))
    return text[:at], text[at:]


def _decode(text: str) -> str:
    return _ENCODED.sub(_as_text, text)


def _decode_text(text: str) -> str:
    """As decodeURI does it: what has a meaning in a URL stays encoded."""
    return _ENCODED_TEXT.sub(_as_text, text)


def _as_text(run: re.Match[str]) -> str:
    try:
        return bytes.fromhex(run[0].replace("%", "")).decode("utf-8")
    except UnicodeDecodeError:
        return run[0]


def _lower_digits(url: str) -> str:
    return _ENCODED.sub(lambda run: run[0].lower(), url)
