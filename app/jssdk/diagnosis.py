"""Try the known mistakes, each alone, then two at a time, until one gives the signature. Pure."""

import hmac
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from hashlib import sha1
from itertools import combinations

from ..accounts import Account, Accounts, PageUrl
from ..errors import PageUrlWrong
from .mistakes import Hint, Mistake, mistakes, signed_urls

NEEDS = ("landing_url", "wx_card_ticket")
"""mistakes that can be tried only with a parameter of that name"""

_MILLISECONDS_FROM = 100_000_000_000
_KEPT = 16
"""results of one mistake to which a second mistake is added; only milliseconds have more"""
_KEYS = (("nonceStr", "timestamp"), ("noncestr", "timeStamp"), ("nonceStr", "timeStamp"))

_RIGHT: Hint = {
    "en": "The signature is right for this URL and the current ticket.",
    "zh": "对这个 URL 和当前的 ticket，签名正确。",
}
_NOT_LISTED: Hint = {
    "en": "The page is not on the account's JS domains: WeChat answers invalid url domain, whatever the signature.",
    "zh": "该页面不在公众号的 JS接口安全域名内：无论签名如何，微信都会返回 invalid url domain。",
}
_UNKNOWN: Hint = {
    "en": "No known mistake gives this signature. Is it an older ticket's? Is the URL the page's own, are timestamp "
    "and nonceStr those of the same wx.config?",
    "zh": "没有已知的错误能得到这个签名。是旧 ticket 的签名吗？URL 是页面自己的吗？"
    "timestamp 和 nonceStr 来自同一个 wx.config 吗？",
}
_OLDER: Hint = {
    "en": "The signature is older than the current ticket: it was probably made with the one before, which is not "
    "kept.",
    "zh": "这个签名早于当前的 ticket：可能用的是上一个 ticket，而它没有被保留。",
}


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
    """One text that a server may have signed."""

    ticket: str = field(repr=False)
    noncestr: str
    timestamp: int
    url: str
    keys: tuple[str, str] = ("noncestr", "timestamp")

    def gives(self, signature: str) -> bool:
        nonce_key, time_key = self.keys
        text = f"jsapi_ticket={self.ticket}&{nonce_key}={self.noncestr}&{time_key}={self.timestamp}&url={self.url}"
        digest = sha1(text.encode("utf-8"), usedforsecurity=False).hexdigest()
        # In constant time: the time must not show how much of a guess is right.
        return hmac.compare_digest(digest, signature)


_Try = Callable[[_Signed], Iterable[_Signed]]


def diagnose(claim: Claim, jsapi_ticket: str) -> tuple[str, ...] | None:
    """The names of the mistakes, at most two, with which the signature was made; () if it is right, None if unknown."""
    signature = claim.signature.lower()
    for names, signed in _candidates(claim, jsapi_ticket):
        if signed.gives(signature):
            return names
    return None


def hint(names: Sequence[str] | None, *, listed: bool, older: bool) -> Hint:
    """What to do about these mistakes; () means none, None that no known one explains the signature."""
    if names is None:
        hints = [_OLDER if older else _UNKNOWN]
    else:
        hints = [mistakes()[name]["hint"] for name in names] or [_RIGHT]
    if not listed:
        hints.append(_NOT_LISTED)
    return {"en": " ".join(text["en"] for text in hints), "zh": "".join(text["zh"] for text in hints)}


def was_made_with(claim: Claim, jsapi_ticket: str) -> bool:
    """Whether the signature is right for this ticket."""
    return _right(claim, jsapi_ticket).gives(claim.signature.lower())


def is_listed(account: Account, url: str) -> bool:
    """Whether the URL is a page on the account's JS domains."""
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
    """Each text that may have been signed, once, with its mistakes: none, one, two."""
    right = _right(claim, jsapi_ticket)
    tries = _tries(claim, right)
    seen = {right}

    def new(candidates: Iterable[_Signed]) -> Iterator[_Signed]:
        for signed in candidates:
            if signed not in seen:
                seen.add(signed)
                yield signed

    yield (), right
    alone = {name: list(new(attempt(right))) for name, attempt in tries.items()}
    for name, candidates in alone.items():
        yield from (((name,), signed) for signed in candidates)
    for one, other in combinations(tries, 2):
        for first, then in ((one, other), (other, one)):
            for before in alone[first][:_KEPT]:
                yield from (((one, other), signed) for signed in new(tries[then](before)))


def _tries(claim: Claim, right: _Signed) -> dict[str, _Try]:
    """The mistakes that can be tried with this claim, in the table's order."""
    coded: dict[str, _Try] = {
        "key_case": lambda signed: [replace(signed, keys=keys) for keys in _KEYS],
        "milliseconds": partial(_with_other_unit, right),
    }
    fragments = [url.partition("#")[2] for url in (claim.url, claim.landing_url or "") if "#" in url]
    if fragments:
        coded["fragment_left_in"] = lambda signed: (
            [] if "#" in signed.url else [replace(signed, url=f"{signed.url}#{one}") for one in fragments]
        )
    if claim.landing_url:
        landing = claim.landing_url.partition("#")[0]
        coded["landing_url"] = lambda signed: [replace(signed, url=landing)] if signed.url == right.url else []
    if claim.wx_card_ticket:
        card_ticket = claim.wx_card_ticket
        coded["wx_card_ticket"] = lambda signed: [replace(signed, ticket=card_ticket)]
    return {
        name: coded.get(name) or partial(_with_url, mistake)
        for name, mistake in mistakes().items()
        if name in coded or "tries" in mistake
    }


def _with_url(mistake: Mistake, signed: _Signed) -> Iterator[_Signed]:
    for url in signed_urls(mistake, signed.url):
        yield replace(signed, url=url)


def _with_other_unit(right: _Signed, signed: _Signed) -> Iterator[_Signed]:
    """Seconds for milliseconds, rounded either way; or milliseconds for seconds, whose last three digits are unknown.

    The unknown digits are tried only where nothing else is wrong.
    """
    if signed.timestamp >= _MILLISECONDS_FROM:
        times = range(signed.timestamp // 1000, signed.timestamp // 1000 + 2)
    else:
        first = signed.timestamp * 1000
        times = range(first, first + (1000 if signed == right else 1))
    for timestamp in times:
        yield replace(signed, timestamp=timestamp)
