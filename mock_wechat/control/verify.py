"""Whether WeChat would accept a JS-SDK signature, and if not, the probable mistake."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, unquote, unquote_plus

from ..state import State
from ..state.accounts import is_listed
from ..state.credentials import Issued


@dataclass(frozen=True)
class Signed:
    """The arguments of a page's wx.config, and the page's URL."""

    appid: str
    timestamp: str
    nonce_str: str
    signature: str
    url: str

    def matches(self, ticket: str, url: str) -> bool:
        """Whether the signature is that of string1 with this ticket (WECHAT.md 8.1)."""
        string1 = f"jsapi_ticket={ticket}&noncestr={self.nonce_str}&timestamp={self.timestamp}&url={url}"
        digest = hashlib.sha1(string1.encode("utf-8", "surrogatepass"), usedforsecurity=False)
        return digest.hexdigest() == self.signature.lower()

    @property
    def page(self) -> str:
        """The URL as WeChat signs it: without its fragment."""
        return self.url.partition("#")[0]


def verify(state: State, signed: Signed) -> dict[str, object]:
    """`{"valid": true}`, or false with a `reason` and a `detail` for people."""
    account = state.accounts.get(signed.appid)
    if account is None:
        return _no("unknown_appid", f"no account has the appid {signed.appid}")
    if not is_listed(signed.page, account.js_domains):
        listed = ", ".join(account.js_domains) or "none"
        return _no("domain_not_listed", f"the page is not on the account's JS domains ({listed})")
    now = state.clock()
    tickets = list(reversed(state.credentials.generations(signed.appid, "jsapi_ticket")))
    usable = [ticket for ticket in tickets if ticket.state(now) != "dead"]
    if any(signed.matches(ticket.value, signed.page) for ticket in usable):
        return {"valid": True}
    return _why_not(state, signed, usable, [ticket for ticket in tickets if ticket not in usable])


def _why_not(state: State, signed: Signed, usable: list[Issued], dead: list[Issued]) -> dict[str, object]:
    now = state.clock()
    for ticket in dead:
        if signed.matches(ticket.value, signed.page):
            ago = int(now - ticket.usable_until)
            return _no("old_ticket", f"signed with ticket generation {ticket.generation}, dead for {ago} s")
    for other in state.accounts:
        if other != signed.appid and _matches_any(signed, state.credentials.generations(other, "jsapi_ticket")):
            return _no("other_account", f"signed with a jsapi_ticket of {other}")
    for ticket in [*usable, *dead]:
        for reason, url, detail in _misreadings(signed):
            if signed.matches(ticket.value, url):
                return _no(reason, detail)
    if _matches_any(signed, state.credentials.generations(signed.appid, "wx_card_ticket")):
        return _no("no_match", "signed with a wx_card ticket; wx.config wants a jsapi ticket")
    if not usable and not dead:
        return _no("no_match", "this account has no jsapi_ticket yet: getticket was never called")
    return _no("no_match", f"no ticket gives this signature for {signed.page}: sign the page's own address, unchanged")


def _matches_any(signed: Signed, tickets: Iterable[Issued]) -> bool:
    return any(signed.matches(ticket.value, signed.page) for ticket in tickets)


def _misreadings(signed: Signed) -> Iterator[tuple[str, str, str]]:
    """URLs that servers sign by mistake: reason, URL, remedy."""
    page = signed.page
    yield "fragment_left_in", signed.url, "the URL was signed with its #fragment: cut it off before signing"
    for decoded in (unquote(page), unquote_plus(page)):
        yield "url_decoded", decoded, "the URL was decoded once more before signing: sign it as the page sent it"
    yield "no_match", quote(page, safe=""), "the URL was signed percent-encoded: decode the parameter once"
    yield "no_match", page + "/", "the URL was signed with a slash added at its end: never normalise the URL"
    yield "no_match", page.removesuffix("/"), "the URL was signed without the slash at its end: never normalise the URL"
    yield "no_match", page.partition("?")[0], "the URL was signed without its query: sign all of it"


def _no(reason: str, detail: str) -> dict[str, object]:
    return {"valid": False, "reason": reason, "detail": detail}
