"""Mini program sessions: a handle for the business server, the user's session_key sealed in the store.

| entry                                        | holds                                                             |
|----------------------------------------------|-------------------------------------------------------------------|
| `session:<digest of handle>`                 | the API key's id, the name of the user's entry and its generation |
| `session:user:<digest of appid and openid>`  | openid, unionid, session_key, the previous one, generation        |

WeChat has one session_key for each user, the one of the last login. So all handles of a user share it: an older one
stays valid when the user logs in again, and data that was encrypted before opens with the previous key. When the user's
entry is deleted (the key is refused, the authorization revoked), all handles end: the entry of a later login has
another generation. Both entries end after 30 days; a use renews them once a day.
"""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

from ..errors import StoreUnavailable
from ..stores import Entries
from .errors import UnknownSession
from .sealing import Sealer

KEPT_SECONDS = 30 * 86_400.0
_RENEWED_AFTER_SECONDS = 86_400.0
_LOCK_SECONDS = 5.0
_POLL_SECONDS = 0.05
_TRIES = 120
"""longer than a lock whose owner has died"""


@dataclass(frozen=True, slots=True)
class User:
    """A user of a mini program, as WeChat's login tells."""

    openid: str = field(repr=False)
    unionid: str | None = field(repr=False)
    session_key: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Session(User):
    """A user's login."""

    appid: str
    previous_key: str | None = field(repr=False)
    """opens data that was encrypted before the last login"""
    name: str
    """of the user's entry"""


class Sessions:
    """The sessions of all mini programs, in `entries` that all workers share. `clock` gives Unix seconds."""

    def __init__(
        self, entries: Entries, sealer: Sealer, clock: Callable[[], float], sleep: Callable[[float], None]
    ) -> None:
        self._entries = entries
        self._sealer = sealer
        self._clock = clock
        self._sleep = sleep

    def start(self, key_id: str, appid: str, user: User) -> str:
        """A new handle, for the API key with this id."""
        name = _user_name(appid, user.openid)
        with self._locked(name):
            known = self._read(name) or {"appid": appid, "openid": user.openid, "generation": secrets.token_hex(8)}
            known["unionid"] = user.unionid or known.get("unionid")
            self._write(name, _with_key(known, user.session_key))
        handle = secrets.token_urlsafe(32)
        entry = {"key": key_id, "user": name, "generation": known["generation"], "renewed_at": self._clock()}
        self._write(_handle_name(handle), entry)
        return handle

    def open(self, key_id: str, handle: str) -> Session:
        """The session of a handle. Raises UnknownSession, also for another API key's handle."""
        name = _handle_name(handle)
        entry = self._read(name)
        if entry is None or entry["key"] != key_id:
            raise UnknownSession
        if not 0 <= self._clock() - entry["renewed_at"] < _RENEWED_AFTER_SECONDS:
            self._renew(name, entry)
        user = self._read(entry["user"])
        if user is None or user["generation"] != entry["generation"]:
            raise UnknownSession
        return Session(
            user["openid"], user["unionid"], user["session_key"], user["appid"], user.get("previous_key"), entry["user"]
        )

    def change_key(self, session: Session, session_key: str) -> None:
        """Keep the user's new session_key, and the one of `session` as the previous one."""
        with self._locked(session.name):
            user = self._read(session.name)
            if user and user["session_key"] == session.session_key:  # else a login has brought a newer one
                self._write(session.name, _with_key(user, session_key))

    def end(self, session: Session) -> None:
        """End all sessions of the user, unless a login has brought another session_key meanwhile."""
        with self._locked(session.name):
            user = self._read(session.name)
            if user and user["session_key"] == session.session_key:
                self._delete(session.name)

    def revoke(self, appid: str, openid: str) -> None:
        """Delete what is kept of a user."""
        name = _user_name(appid, openid)
        with self._locked(name):
            self._delete(name)

    def _renew(self, name: str, entry: dict[str, Any]) -> None:
        with self._locked(entry["user"]):
            user = self._read(entry["user"])
            if user and user["generation"] == entry["generation"]:
                self._write(entry["user"], user)
                self._write(name, entry | {"renewed_at": self._clock()})

    def _read(self, name: str) -> dict[str, Any] | None:
        text = self._entries.get(name)
        return self._sealer.open(name, text) if text else None

    def _write(self, name: str, document: dict[str, Any]) -> None:
        self._entries.put(name, self._sealer.seal(name, document), KEPT_SECONDS)

    def _delete(self, name: str) -> None:
        self._entries.put(name, "", 0)

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        """Lock a user's entry: two logins at once must not lose a key, and a renewal must not restore a deleted entry.

        Raises StoreUnavailable if others take too long.
        """
        lock, owner = f"{name}:lock", secrets.token_hex(8)
        tries = 0
        while not self._entries.add(lock, owner, _LOCK_SECONDS):
            tries += 1
            if tries == _TRIES:
                raise StoreUnavailable("Other changes of this user's session take too long.")
            self._sleep(_POLL_SECONDS)
        try:
            yield
        finally:
            with suppress(StoreUnavailable):  # it ends by itself
                if self._entries.get(lock) == owner:
                    self._delete(lock)


def _with_key(user: dict[str, Any], session_key: str) -> dict[str, Any]:
    """The user's entry with the session_key of the last login; WeChat may have kept the same one."""
    current = user.get("session_key")
    previous = user.get("previous_key") if current == session_key else current
    return user | {"session_key": session_key, "previous_key": previous}


def _handle_name(handle: str) -> str:
    return f"session:{hashlib.sha256(handle.encode()).hexdigest()}"


def _user_name(appid: str, openid: str) -> str:
    return f"session:user:{hashlib.sha256(f'{appid} {openid}'.encode()).hexdigest()}"
