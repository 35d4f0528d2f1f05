"""How long a credential is good for: when to look for its successor, and when to stop handing it out.

Each function makes a Credential of what WeChat just issued: `previous` is the stored one (whatever its age), `asked_at`
the Unix time before the request was sent. WECHAT.md 1 and 2 have the facts.
"""

from ..stores import Credential
from ..wechat import Issued

_CLASSIC_AHEAD_SECONDS = 600.0

_STABLE_AHEAD_SECONDS = 295.0
"""asked more than 300 s before its end, WeChat returns the same stable token"""
_STABLE_AGAIN_SECONDS = 15.0

_TICKET_AHEAD_SECONDS = 600.0
_TICKET_LOOK_SECONDS = 120.0
_TICKET_LOOK_UNKNOWN_AGE_SECONDS = 300.0
_TICKET_WATCHED_SECONDS = 600.0
"""a successor was born while we watched if its predecessor was confirmed at most so long ago"""
_OVERDUE_SERVE_SECONDS = 60.0
_OVERDUE_LOOK_SECONDS = 15.0

_CENTRAL_KEEP_SECONDS = 60.0
"""how long a copy may be kept without asking again; WeChat's own advice (WECHAT.md 1.1)"""


def classic_token(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    """A new token with every call, which gives its predecessor five minutes."""
    expires_at = asked_at + issued.expires_in
    stale_at = expires_at - min(_CLASSIC_AHEAD_SECONDS, issued.expires_in / 10)
    return _made(previous, issued, asked_at, stale_at, expires_at)


def stable_token(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    """The same token with its remaining time, until WeChat's last five minutes of it; then a new one."""
    expires_at = asked_at + issued.expires_in
    stale_at = max(expires_at - _STABLE_AHEAD_SECONDS, asked_at + _STABLE_AGAIN_SECONDS)
    return _made(previous, issued, asked_at, stale_at, expires_at)


def ticket(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    """The same ticket all its life, always said to have 7200 s: its age is known only if we saw it begin."""
    if previous is None or previous.value != issued.value or previous.misdated(asked_at):
        return _new_ticket(previous, issued, asked_at)
    if asked_at + _OVERDUE_SERVE_SECONDS >= previous.expires_at:
        # It should have ended, and WeChat still hands it out: it is alive, but nobody knows for how long.
        stale_at, expires_at = asked_at + _OVERDUE_LOOK_SECONDS, asked_at + _OVERDUE_SERVE_SECONDS
    else:
        expires_at = previous.expires_at
        stale_at = _next_look(asked_at, expires_at, age_known=previous.birth_seen)
    return _made(previous, issued, asked_at, stale_at, expires_at, birth_seen=previous.birth_seen)


def central(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    """What another central server hands out, token or ticket: its `expires_in` ends before the credential does."""
    expires_at = asked_at + issued.expires_in
    stale_at = asked_at + min(_CENTRAL_KEEP_SECONDS, issued.expires_in / 2)
    return _made(previous, issued, asked_at, stale_at, expires_at)


def _new_ticket(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    confirmed_at = previous.obtained_at if previous and not previous.misdated(asked_at) else float("-inf")
    age_known = asked_at - confirmed_at <= _TICKET_WATCHED_SECONDS
    # Born at some time after its predecessor was last confirmed: to be safe, right then.
    born_at = min(confirmed_at, asked_at) if age_known else asked_at
    expires_at = born_at + issued.expires_in
    stale_at = max(_next_look(asked_at, expires_at, age_known=age_known), asked_at + _OVERDUE_LOOK_SECONDS)
    return _made(previous, issued, asked_at, stale_at, expires_at, birth_seen=age_known)


def _next_look(asked_at: float, expires_at: float, *, age_known: bool) -> float:
    """When to look again for a successor: once more before the end, so that nobody waits there."""
    last_look = expires_at - _OVERDUE_SERVE_SECONDS
    if age_known:
        return min(max(expires_at - _TICKET_AHEAD_SECONDS, asked_at + _TICKET_LOOK_SECONDS), last_look)
    return min(asked_at + _TICKET_LOOK_UNKNOWN_AGE_SECONDS, last_look)


def _made(
    previous: Credential | None,
    issued: Issued,
    asked_at: float,
    stale_at: float,
    expires_at: float,
    *,
    birth_seen: bool = False,
) -> Credential:
    known = previous is not None and previous.value == issued.value
    return Credential(
        issued.value,
        obtained_at=asked_at,
        stale_at=stale_at,
        expires_at=expires_at,
        generation=previous.generation + 1 if previous else 1,
        first_seen_at=previous.first_seen_at if previous and known else asked_at,
        birth_seen=birth_seen,
    )
