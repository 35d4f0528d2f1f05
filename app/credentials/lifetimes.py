"""When a credential becomes STALE and EXPIRED, by its kind.

Each function turns what WeChat issued into a Credential: `previous` is the stored one, whatever its age; `asked_at` the
Unix time before the request was sent. WECHAT.md 1 and 2 have the facts.
"""

from ..stores import Credential
from ..wechat import Issued

_CLASSIC_AHEAD_SECONDS = 600.0

_STABLE_AHEAD_SECONDS = 295.0
"""asked more than 300 s before its end, WeChat returns the same stable token"""
_STABLE_AGAIN_SECONDS = 15.0

_TICKET_AHEAD_SECONDS = 600.0
_TICKET_CHECK_SECONDS = 120.0
_TICKET_CHECK_UNKNOWN_AGE_SECONDS = 300.0
_TICKET_WATCHED_SECONDS = 600.0
"""a new ticket's age is known if its predecessor was confirmed at most so long ago"""
_OVERDUE_SERVE_SECONDS = 60.0
_OVERDUE_CHECK_SECONDS = 15.0

_TICKET_LIFE_SECONDS = 7200
"""WeChat's `expires_in` of every ticket; less is the time that another central server's gateway promises"""
_COPY_KEPT_SECONDS = 60.0
"""how long a copy may be kept without asking again, as WeChat advises (WECHAT.md 1.1)"""


def classic_token(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    """A classic token: each call returns a new one, and its predecessor dies five minutes later."""
    expires_at = asked_at + issued.expires_in
    stale_at = expires_at - min(_CLASSIC_AHEAD_SECONDS, issued.expires_in / 10)
    return _made(previous, issued, asked_at, stale_at, expires_at)


def stable_token(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    """A stable token: the same one with its remaining time, and a new one in its last five minutes."""
    expires_at = asked_at + issued.expires_in
    stale_at = max(expires_at - _STABLE_AHEAD_SECONDS, asked_at + _STABLE_AGAIN_SECONDS)
    return _made(previous, issued, asked_at, stale_at, expires_at)


def ticket(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    """A ticket: the same one all its life, always with 7200 s, so its age is known only if we saw it begin.

    Another central server's gateway says how long it is good for, and asks WeChat for the next one by itself.
    """
    if issued.expires_in < _TICKET_LIFE_SECONDS:
        stale_at = asked_at + min(_COPY_KEPT_SECONDS, issued.expires_in / 2)
        return _made(previous, issued, asked_at, stale_at, asked_at + issued.expires_in)
    if previous is None or previous.value != issued.value or previous.misdated(asked_at):
        return _new_ticket(previous, issued, asked_at)
    if asked_at + _OVERDUE_SERVE_SECONDS >= previous.expires_at:
        # Overdue, but WeChat still returns it: it is alive, for an unknown time.
        stale_at, expires_at = asked_at + _OVERDUE_CHECK_SECONDS, asked_at + _OVERDUE_SERVE_SECONDS
    else:
        expires_at = previous.expires_at
        stale_at = _next_check(asked_at, expires_at, age_known=previous.birth_seen)
    return _made(previous, issued, asked_at, stale_at, expires_at, birth_seen=previous.birth_seen)


def _new_ticket(previous: Credential | None, issued: Issued, asked_at: float) -> Credential:
    confirmed_at = previous.obtained_at if previous and not previous.misdated(asked_at) else float("-inf")
    age_known = asked_at - confirmed_at <= _TICKET_WATCHED_SECONDS
    # Issued some time after its predecessor was last confirmed; the earliest time is the safe one.
    issued_at = min(confirmed_at, asked_at) if age_known else asked_at
    expires_at = issued_at + issued.expires_in
    stale_at = max(_next_check(asked_at, expires_at, age_known=age_known), asked_at + _OVERDUE_CHECK_SECONDS)
    return _made(previous, issued, asked_at, stale_at, expires_at, birth_seen=age_known)


def _next_check(asked_at: float, expires_at: float, *, age_known: bool) -> float:
    """When to ask for a successor again: also shortly before the end, so that no caller waits there."""
    last_check = expires_at - _OVERDUE_SERVE_SECONDS
    if age_known:
        return min(max(expires_at - _TICKET_AHEAD_SECONDS, asked_at + _TICKET_CHECK_SECONDS), last_check)
    return min(asked_at + _TICKET_CHECK_UNKNOWN_AGE_SECONDS, last_check)


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
