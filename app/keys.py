"""API keys: who may call which door, for which accounts."""

import hashlib
import hmac
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

MIN_KEY_CHARACTERS = 24

Scope = Literal["token", "ticket", "moderation", "oauth", "session", "diagnose", "ops"]
SCOPES: tuple[Scope, ...] = get_args(Scope)


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A caller. `digest` is the key's SHA-256, 32 bytes; `accounts` are account names, None meaning all."""

    name: str
    digest: bytes = field(repr=False)
    scopes: frozenset[str]
    accounts: frozenset[str] | None = None

    def allows(self, scope: str) -> bool:
        """Whether this caller may use the doors of this scope."""
        return scope in self.scopes

    def allows_account(self, account: str) -> bool:
        """Whether this caller may use the account of this name."""
        return self.accounts is None or account in self.accounts


@dataclass(frozen=True, slots=True)
class ApiKeys:
    """All keys. Several may have one name, so that a caller can change from the old to the new."""

    keys: tuple[ApiKey, ...] = ()

    def __iter__(self) -> Iterator[ApiKey]:
        return iter(self.keys)

    def __len__(self) -> int:
        return len(self.keys)

    def find(self, presented: bytes) -> ApiKey | None:
        """The key that was presented, if it is one of ours. How long this takes tells nothing about the keys."""
        digest = digest_of(presented)
        found = None
        for key in self.keys:  # to the end, even if found
            if hmac.compare_digest(key.digest, digest):
                found = key
        return found


def digest_of(key: bytes) -> bytes:
    """SHA-256 of a key: comparing digests hides the key's length too."""
    return hashlib.sha256(key).digest()


def _long_enough(key: str) -> str:
    if len(key) < MIN_KEY_CHARACTERS:
        raise ValueError(f"the key has {len(key)} characters, it needs at least {MIN_KEY_CHARACTERS}")
    return key


class KeyTable(BaseModel):
    """A key as settings spell it, `key_file` already read."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: Annotated[str, AfterValidator(_long_enough)] = Field(
        repr=False, examples=["what `openssl rand -hex 24` prints"]
    )
    scopes: tuple[Scope, ...] = Field(default=("moderation",), min_length=1, examples=['["token", "moderation"]'])
    accounts: tuple[str, ...] | None = Field(default=None, min_length=1, examples=['["default", "mini"]'])


def split_entries(text: str) -> list[tuple[str, dict[str, object]]]:
    """Take `name:scope+scope=key,...` (commas or line ends) apart: each entry's name and its KeyTable's fields.

    An entry without `=` has the name "" and no key: it may be a bare key, so its text goes nowhere.
    """
    return [_split_entry(entry.strip()) for entry in re.split(r"[,\n]", text) if entry.strip()]


def _split_entry(entry: str) -> tuple[str, dict[str, object]]:
    caller, equals, key = entry.partition("=")
    if not equals:
        return "", {}
    name, colon, scopes = caller.partition(":")
    table: dict[str, object] = {"key": key.strip()}
    if colon:
        table["scopes"] = tuple(scope.strip() for scope in scopes.split("+") if scope.strip())
    return name.strip(), table
