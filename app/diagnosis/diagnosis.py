"""Tries what servers sign by mistake until one gives the signature: each mistake alone, then two at a time. Pure."""

import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha1
from itertools import combinations

from ..accounts import Account, Accounts
from ..exceptions import PageUrlWrong
from ..js_domains import PageUrl
from .addresses import ADDRESSES, Addresses

NEEDS = {"landing_url": "landing_url", "wx_card_ticket": "wx_card_ticket"}
"""mistakes that can be tried only with one more parameter, and which"""

_MILLISECONDS_FROM = 100_000_000_000
_KEPT = 16
"""of one mistake's outcomes, to which a second mistake is added; only milliseconds have more"""
_KEYS = (("nonceStr", "timestamp"), ("noncestr", "timeStamp"), ("nonceStr", "timeStamp"))


@dataclass(frozen=True, slots=True)
class Claim:
    """What a page gave to wx.config, and its address; `landing_url` is the one with which the app was entered."""

    url: str
    timestamp: int
    noncestr: str
    signature: str
    landing_url: str | None = None
    wx_card_ticket: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class _Signed:
    """What a server may have signed."""

    ticket: str = field(repr=False)
    noncestr: str
    timestamp: int
    url: str
    keys: tuple[str, str] = ("noncestr", "timestamp")

    def gives(self, signature: str) -> bool:
        nonce_key, time_key = self.keys
        text = f"jsapi_ticket={self.ticket}&{nonce_key}={self.noncestr}&{time_key}={self.timestamp}&url={self.url}"
        digest = sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()
        # In constant time: how far they agree would tell of the right signature.
        return hmac.compare_digest(digest, signature)


_Mistake = Callable[[_Signed], Iterable[_Signed]]


def diagnose(claim: Claim, jsapi_ticket: str) -> tuple[str, ...] | None:
    """The names of the mistakes, at most two, with which the signature was made; () if it is right, None if unknown."""
    signature = claim.signature.lower()
    for names, signed in _candidates(claim, jsapi_ticket):
        if signed.gives(signature):
            return names
    return None


def was_made_with(claim: Claim, jsapi_ticket: str) -> bool:
    """Whether the signature is right, but for the ticket, which is this one."""
    return _right(claim, jsapi_ticket).gives(claim.signature.lower())


def is_listed(account: Account, url: str) -> bool:
    """Whether the address is a page's on the account's JS domains."""
    try:
        return account.covers(PageUrl.parse(url))
    except PageUrlWrong:
        return False


def account_for(accounts: Accounts, url: str) -> Account:
    """The account whose JS domains have the page, or else the first official one. Raises UnknownAccount."""
    return next((account for account in accounts if is_listed(account, url)), None) or accounts.first("official")


def _right(claim: Claim, ticket: str) -> _Signed:
    return _Signed(ticket, claim.noncestr, claim.timestamp, claim.url.partition("#")[0])


def _candidates(claim: Claim, jsapi_ticket: str) -> Iterator[tuple[tuple[str, ...], _Signed]]:
    """What may have been signed, each once, and with which mistakes: none, one, two."""
    right = _right(claim, jsapi_ticket)
    table = _table(claim, right)
    seen = {right}

    def new(candidates: Iterable[_Signed]) -> Iterator[_Signed]:
        for signed in candidates:
            if signed not in seen:
                seen.add(signed)
                yield signed

    yield (), right
    alone = {name: list(new(mistake(right))) for name, mistake in table.items()}
    for name, candidates in alone.items():
        yield from (((name,), signed) for signed in candidates)
    for one, other in combinations(table, 2):
        for first, then in ((one, other), (other, one)):
            for before in alone[first][:_KEPT]:
                yield from (((one, other), signed) for signed in new(table[then](before)))


def _table(claim: Claim, right: _Signed) -> dict[str, _Mistake]:
    """All mistakes that can be tried, the likeliest first. static/debugger-mistakes.js has the same."""
    urls = [url for url in (claim.url, claim.landing_url) if url]
    fragments = [url.partition("#")[2] for url in urls if "#" in url]
    table: dict[str, _Mistake] = {}
    if fragments:
        table["fragment_left_in"] = partial(_with_fragment, fragments)
    if claim.landing_url:
        landing_page = claim.landing_url.partition("#")[0]
        table["landing_url"] = lambda signed: [replace(signed, url=landing_page)] if signed.url == right.url else []
    table |= {name: partial(_with_address, addresses) for name, addresses in ADDRESSES.items()}
    table |= {"key_case": _with_other_keys, "milliseconds": partial(_with_other_unit, right)}
    if claim.wx_card_ticket:
        card_ticket = claim.wx_card_ticket
        table["wx_card_ticket"] = lambda signed: [replace(signed, ticket=card_ticket)]
    return table


def _with_fragment(fragments: Sequence[str], signed: _Signed) -> Iterator[_Signed]:
    if "#" not in signed.url:
        yield from (replace(signed, url=f"{signed.url}#{fragment}") for fragment in fragments)


def _with_address(addresses: Addresses, signed: _Signed) -> Iterator[_Signed]:
    for url in addresses(signed.url):
        yield replace(signed, url=url)


def _with_other_keys(signed: _Signed) -> Iterator[_Signed]:
    for keys in _KEYS:
        yield replace(signed, keys=keys)


def _with_other_unit(right: _Signed, signed: _Signed) -> Iterator[_Signed]:
    """Seconds for milliseconds, rounded either way; or the reverse, of which nobody has the last three digits.

    These are tried through where nothing else is wrong.
    """
    if signed.timestamp >= _MILLISECONDS_FROM:
        times = range(signed.timestamp // 1000, signed.timestamp // 1000 + 2)
    else:
        first = signed.timestamp * 1000
        times = range(first, first + (1000 if signed == right else 1))
    for timestamp in times:
        yield replace(signed, timestamp=timestamp)
