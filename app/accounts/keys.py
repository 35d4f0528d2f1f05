"""API keys: which caller may use which endpoints, for which accounts."""

import hashlib
import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal, get_args

MIN_KEY_CHARACTERS = 24

Scope = Literal["token", "ticket", "moderation", "oauth", "session", "diagnose", "ops", "gateway", "sns"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Group = Literal["manage"]
GROUPS: tuple[Group, ...] = get_args(Group)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A caller. `digest` is the key's SHA-256, 32 bytes; `accounts` are account names, None meaning all.

    For the gateway: `paths` are WeChat's paths or prefixes that end in `*`, None meaning all outside of groups;
    `groups` are those it may use besides; `min_expires_in` is the least `expires_in` (seconds) that it is told.
    """

    name: str
    digest: bytes = field(repr=False)
    scopes: frozenset[str]
    accounts: frozenset[str] | None = None
    paths: tuple[str, ...] | None = None
    groups: frozenset[str] = frozenset()
    min_expires_in: int = 0

    @property
    def id(self) -> str:
        """A public name of the key's value: 12 hexadecimal digits, others for another key of the same name."""
        return digest_of(self.digest).hex()[:12]

    def allows(self, scope: str) -> bool:
        """Whether this caller may use the endpoints of this scope."""
        return scope in self.scopes

    def allows_account(self, account: str) -> bool:
        """Whether this caller may use the account of this name."""
        return self.accounts is None or account in self.accounts

    def allows_path(self, path: str) -> bool:
        """Whether this caller's `paths` have this path of WeChat's."""
        return self.paths is None or any(
            path.startswith(one[:-1]) if one.endswith("*") else path == one for one in self.paths
        )


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """All keys. Several may have one name, so that a caller can change from the old to the new."""

    keys: tuple[ApiKey, ...] = ()

    def __iter__(self) -> Iterator[ApiKey]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, presented: bytes) -> ApiKey | None:
        """The key that was presented, if it is one of ours; in constant time."""
        digest = digest_of(presented)
        found = None
        for key in self.keys:  # to the end, even if found
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


def digest_of(key: bytes) -> bytes:
    """SHA-256 of a key: comparing digests hides the key's length too."""
    return hashlib.sha256(key).digest()
