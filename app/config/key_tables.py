"""API keys from both sources, the environment and the TOML file."""

import logging
from collections.abc import Mapping, Sequence

from ..keys import SCOPES, ApiKey, ApiKeys, KeyTable, digest_of, split_entries
from .entries import NAME, Entry
from .files import Tables
from .problems import Problems, Spelling, examples_of
from .secret_files import secret_text
from .settings import AccountSettings

log = logging.getLogger(__name__)

_EXAMPLES = examples_of(KeyTable) | {"key_file": "/run/secrets/wechat-key"}


def key_entries(settings: AccountSettings, tables: Tables, problems: Problems) -> list[Entry]:
    """The environment's, then those of the TOML file whose names the environment does not have."""
    setting, text = _api_keys_text(settings, problems)
    entries = [
        Entry(name, values, _inside(f"{setting} entry {number}"))
        for number, (name, values) in enumerate(split_entries(text), start=1)
    ]
    if settings.demo_key:
        entries.append(Entry("demo", {"key": settings.demo_key, "scopes": SCOPES}, lambda _: "WECHAT_DEMO_KEY"))
    taken = {entry.name for entry in entries}
    for name in sorted(taken & tables.keys()):
        log.warning("[keys.%s] is not used: the environment has a key of this name, and it wins", name)
    return entries + [
        Entry(name, table, _inside(f"[keys.{name}]")) for name, table in tables.items() if name not in taken
    ]


def _api_keys_text(settings: AccountSettings, problems: Problems) -> tuple[str, str]:
    """Which setting holds the environment's keys, and what it says."""
    if settings.api_keys_file is None:
        return "WECHAT_API_KEYS", settings.api_keys or ""
    if settings.api_keys:
        problems.add("WECHAT_API_KEYS_FILE", "WECHAT_API_KEYS is given too; keep one of them")
    try:
        return "WECHAT_API_KEYS_FILE", secret_text(settings.api_keys_file)
    except ValueError as error:
        problems.add("WECHAT_API_KEYS_FILE", str(error), "/run/secrets/wechat-api-keys")
        return "WECHAT_API_KEYS_FILE", ""


def _inside(place: str) -> Spelling:
    return lambda field: f"{place} {field}".rstrip()


def read_keys(
    entries: Sequence[Entry], accounts: Sequence[Entry], problems: Problems, confidential: set[str]
) -> ApiKeys:
    """The keys that are right; what is wrong with the others is noted. `accounts` are those that keys may name.

    The keys themselves go to `confidential` alone.
    """
    names = {known: one.name for one in accounts for known in (str(one.values.get("appid")), one.name)}
    keys: list[ApiKey] = []
    places: dict[bytes, str] = {}
    for entry in entries:
        place = entry.spelled("key")
        if not NAME.fullmatch(entry.name):
            problems.add(place, "needs a name of 1 to 64 of A-Z a-z 0-9 . _ -", "backend:token+ticket=KEY")
        table = problems.checked(KeyTable, entry.with_secret("key", problems), entry.spelled, _EXAMPLES)
        if table is None:
            continue
        confidential.add(table.key)
        digest = digest_of(table.key.encode())
        allowed = _allowed(table, names, entry.spelled("accounts"), problems)
        if (twin := places.setdefault(digest, place)) != place:
            problems.add(place, f"the same key as {twin}")
        keys.append(ApiKey(entry.name, digest, frozenset(table.scopes), allowed))
    return ApiKeys(tuple(keys))


def _allowed(table: KeyTable, names: Mapping[str, str], place: str, problems: Problems) -> frozenset[str] | None:
    """The names of the accounts that the key is for, None meaning all; `names` has each by its appid too."""
    if table.accounts is None:
        return None
    if unknown := sorted(set(table.accounts) - names.keys()):
        problems.add(place, f"there is no account {', '.join(unknown)}", ", ".join(dict.fromkeys(names.values())))
    return frozenset(names.get(account, account) for account in table.accounts)
