"""Credentials and entries in Redis, shared by several nodes: one hash per credential."""

import logging
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import unquote, urlsplit

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from redis.sentinel import Sentinel

from ..errors import StoreUnavailable
from .credential import Credential, Key, restored

_SENTINELS = re.compile(
    r"(rediss?)\+sentinel://(?:(?P<user>[^/@:]*)(?::(?P<password>[^/@]*))?@)?(?P<hosts>[^/@]+)/(?P<name>[^/?]+)"
    r"(?:/(?P<db>[0-9]+))?(?:\?sentinel_password=(?P<sentinel_password>.+))?"
)
_ADDRESS = re.compile(r"\[?(.+?)\]?(?::([0-9]+))?")
_SENTINEL_PORT = 26379
_GLOB = re.compile(r"[*?\[\]\\]")
_CODE = re.compile(r"[A-Z]+\b")
"""the word that an error of Redis begins with; what follows may quote what was sent"""

_FIELDS = ("value", "obtained_at", "stale_at", "expires_at", "generation", "first_seen_at", "birth_seen")

_SAVE = """
local stored = redis.call('HGET', KEYS[1], 'generation') or '0'
if tonumber(stored) ~= tonumber(ARGV[1]) then return 0 end
redis.call('HSET', KEYS[1], unpack(ARGV, 2))
return 1
"""

_RELEASE = """
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0
"""

_log = logging.getLogger(__name__)


class RedisStore:
    """A Store at the Redis server `url` (`redis://` or `rediss://`), under keys that begin with `prefix`.

    `redis+sentinel://` and `rediss+sentinel://` name sentinels, which are asked for the primary before each connection.
    Connecting and answering take `timeout_seconds` each at most, and nothing is repeated: FallbackStore serves from
    memory meanwhile. Leases and entries expire by Redis's own clock, as those of the nodes may differ.
    """

    def __init__(self, url: str, prefix: str, timeout_seconds: float = 0.25) -> None:
        self._prefix = prefix
        self._where, self._redis = _client(url, timeout_seconds)
        self._save = self._redis.register_script(_SAVE)
        self._release = self._redis.register_script(_RELEASE)

    def load(self, key: Key) -> Credential | None:
        name = self._name("credential", key)
        found = self._asked(lambda: self._redis.hgetall(name))
        credential = restored(*(found.get(field) for field in _FIELDS)) if found else None
        if found and credential is None:
            _log.error("dropped unreadable hash credential=%s appid=%s", key.credential, key.appid)
            self._asked(lambda: self._redis.delete(name))
        return credential

    def save(self, key: Key, credential: Credential, expected_generation: int) -> bool:
        pairs = [item for name in _FIELDS for item in (name, _text(getattr(credential, name)))]
        name = self._name("credential", key)
        return bool(self._asked(lambda: self._save(keys=[name], args=[expected_generation, *pairs])))

    def acquire(self, key: Key, owner: str, seconds: float) -> bool:
        name = self._name("lease", key)
        return bool(self._asked(lambda: self._redis.set(name, owner, nx=True, px=_milliseconds(seconds))))

    def release(self, key: Key, owner: str) -> None:
        self._asked(lambda: self._release(keys=[self._name("lease", key)], args=[owner]))

    def close(self) -> None:
        """Does nothing: connections belong to the pool, not to a thread."""

    def get(self, name: str) -> str | None:
        text: str | None = self._asked(lambda: self._redis.get(self._entry(name)))
        return text

    def get_all(self, names: Sequence[str]) -> list[str | None]:
        texts: list[str | None] = self._asked(lambda: self._redis.mget([self._entry(name) for name in names]))
        return texts

    def put(self, name: str, text: str, seconds: float) -> None:
        if seconds > 0:
            self._asked(lambda: self._redis.set(self._entry(name), text, px=_milliseconds(seconds)))
        else:
            self._asked(lambda: self._redis.delete(self._entry(name)))

    def add(self, name: str, text: str, seconds: float) -> bool:
        return bool(self._asked(lambda: self._redis.set(self._entry(name), text, nx=True, px=_milliseconds(seconds))))

    def forget(self, prefix: str) -> None:
        pattern = _GLOB.sub(r"\\\g<0>", self._entry(prefix)) + "*"
        names = self._asked(lambda: list(self._redis.scan_iter(match=pattern, count=1000)))
        if names:
            self._asked(lambda: self._redis.delete(*names))

    def _asked(self, ask: Callable[[], Any]) -> Any:
        try:
            return ask()
        except (redis.RedisError, OSError, UnicodeDecodeError) as error:
            failure = _cause(error)
        # Outside of `except`, without a chain: what redis-py says may hold the URL, and with it a password.
        raise StoreUnavailable(f"Redis: {self._where}: {failure}")

    def _name(self, kind: str, key: Key) -> str:
        return f"{self._prefix}{kind}:{key.appid}:{key.credential}"

    def _entry(self, name: str) -> str:
        return f"{self._prefix}entry:{name}"


def _client(url: str, timeout_seconds: float) -> tuple[str, redis.Redis]:
    """The client, and what it connects to, for error messages."""
    options: dict[str, Any] = {
        "decode_responses": True,
        "socket_timeout": timeout_seconds,
        "socket_connect_timeout": timeout_seconds,
        "retry": Retry(NoBackoff(), 0),
    }
    sentinels = _SENTINELS.fullmatch(url)
    if sentinels is None:
        return _host_and_port(url), redis.Redis.from_url(url, **options)
    if sentinels[1] == "rediss":
        options["ssl"] = True
    found = [match for host in sentinels["hosts"].split(",") if (match := _ADDRESS.fullmatch(host))]
    user, password, of_sentinels = (
        unquote(sentinels[name]) if sentinels[name] else None for name in ("user", "password", "sentinel_password")
    )
    sentinel = Sentinel(  # type: ignore[no-untyped-call] # the library has no annotation there
        [(host[1], int(host[2] or _SENTINEL_PORT)) for host in found],
        sentinel_kwargs={**options, "password": of_sentinels},
        **options,
        username=user,
        password=password,
        db=int(sentinels["db"] or 0),
    )
    primary: redis.Redis = sentinel.master_for(sentinels["name"])  # type: ignore[no-untyped-call] # nor there
    return f"{sentinels['name']} at {sentinels['hosts']}", primary


def _host_and_port(url: str) -> str:
    parts = urlsplit(url)
    host = parts.hostname or "localhost"
    return f"[{host}]:{parts.port or 6379}" if ":" in host else f"{host}:{parts.port or 6379}"


def _cause(error: BaseException) -> str:
    """The innermost cause, without the texts of redis-py: they may quote what was sent."""
    innermost = error
    while inner := innermost.__cause__ or innermost.__context__:
        innermost = inner
    if isinstance(innermost, OSError) and innermost.strerror:
        return innermost.strerror.lower()
    code = _CODE.match(str(innermost))
    return type(innermost).__name__ + (f", {code[0]}" if code else "")


def _milliseconds(seconds: float) -> int:
    return max(1, round(seconds * 1000))


def _text(value: object) -> str:
    return str(int(value)) if isinstance(value, bool) else str(value)
