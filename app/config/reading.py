"""From the environment, and the TOML file that it names, to Settings: all that is wrong is reported at once."""

import logging
import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import unquote

from ..exceptions import SettingsError
from ..js_domains import PageUrl, is_loopback
from ..timing import Timing
from .account_tables import account_entries, read_accounts
from .central import read_central
from .entries import Entry
from .environment import PREFIX, environment_name, values_in
from .files import TomlFile, toml_file
from .key_tables import key_entries, read_keys
from .problems import Problems, examples_of, nearest
from .secret_files import secret_text
from .settings import AccountSettings, Settings, as_written, settings_table
from .store_keys import read_store_keys
from .values import parts

log = logging.getLogger(__name__)

_SECRET_KEY_CHARACTERS = 32


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check everything. Raises SettingsError, which names all that is wrong."""
    problems = Problems()
    settings = _read(environ, problems)
    if settings is None or problems.lines:
        raise SettingsError(problems.lines)  # outside of every `except`: the chain would hold what was set
    return settings


def check_workers(settings: Settings, workers: int) -> None:
    """Refuse a store in memory for several worker processes. Raises SettingsError."""
    if workers > 1 and settings.store_url == "memory://":
        raise SettingsError(
            [
                f"WECHAT_STORE_URL: memory:// does not work with {workers} workers: each would fetch tokens of its "
                "own and kill those of the others; use sqlite:///instance/credentials.db, or one worker"
            ]
        )


def _read(environ: Mapping[str, str], problems: Problems) -> Settings | None:
    given = _known_settings(environ, problems)
    of_accounts = AccountSettings.model_validate(values_in(given, AccountSettings))
    given |= _store_url_in_file(of_accounts.store_url_file, given, problems)
    toml = toml_file(of_accounts.config, problems)
    tables = toml or TomlFile()
    accounts = account_entries(of_accounts, tables.accounts)
    keys = key_entries(of_accounts, tables.keys, problems)
    if toml and not accounts:
        problems.add("WECHAT_APPID", "no account is configured", "wx0123456789abcdef, together with WECHAT_SECRET")
    values: dict[str, Any] = values_in(given, Settings) | {
        "accounts": read_accounts(accounts, problems),
        "central": (central := read_central(of_accounts, accounts, problems)),
        "keys": read_keys(keys, accounts, problems, confidential := set()),
        "timing": _timing(given, problems),
        "store_keys": read_store_keys(of_accounts, problems),
        "secret_key": (secret_key := _secret_key(of_accounts, problems)),
    }
    confidential |= {secret for account in values["accounts"] for secret in account.confidential}
    confidential |= {*values["store_keys"], *filter(None, [secret_key, central and central.key])} | _passwords(given)
    values["confidential"] = confidential
    settings = problems.checked(Settings, values, environment_name, _examples(given))
    if settings and of_accounts.demo_key and not _calls_loopback_only(settings):
        problems.add("WECHAT_DEMO_KEY", "is for a mock on loopback only: leave it out", "WECHAT_API_KEYS")
    return settings


def _examples(given: Mapping[str, str]) -> dict[str, str]:
    """A right value of each setting; of the store's URL one of the kind that was meant."""
    redis = given.get("WECHAT_STORE_URL", "").startswith("redis")
    return examples_of(Settings) | ({"store_url": "redis://:password@10.0.0.5:6379/0"} if redis else {})


def _known_settings(environ: Mapping[str, str], problems: Problems) -> dict[str, str]:
    """The settings that are ours, spaces around them cut; an empty one counts as left out."""
    known = [name for name, _, _ in settings_table()]
    for name in sorted(environ.keys() - set(known)):
        if name.startswith(PREFIX):
            log.warning("%s is no setting of this server; %s", name, nearest(name, known))
    given = {}
    for name in known:
        value = environ.get(name, "").strip()
        if re.search(r"[\ud800-\udfff]", value):  # so os.environ holds bytes that are not UTF-8
            problems.add(name, "is not UTF-8")
        elif value:
            given[name] = value
    return given


def _timing(given: Mapping[str, str], problems: Problems) -> Timing:
    """The durations; the defaults if some are wrong, so that the other checks go on."""
    values = {
        field.name: parts(given[name]) if isinstance(field.default, tuple) else given[name]
        for field in fields(Timing)
        if (name := environment_name(field.name)) in given
    }
    examples = {field.name: as_written(field.default) for field in fields(Timing)}
    return problems.checked(Timing, values, _spelled_in_timing, examples) or Timing()


def _secret_key(settings: AccountSettings, problems: Problems) -> str | None:
    given = {field: getattr(settings, field) for field in ("secret_key", "secret_key_file")}
    entry = Entry("", {field: value for field, value in given.items() if value is not None}, environment_name)
    key: str | None = entry.with_secret("secret_key", problems).get("secret_key")
    if key is not None and len(key) < _SECRET_KEY_CHARACTERS:
        problems.add("WECHAT_SECRET_KEY", "has fewer than 32 characters", "what `openssl rand -hex 32` prints")
    return key


def _store_url_in_file(path: str | None, given: Mapping[str, str], problems: Problems) -> dict[str, str]:
    """What the file says, if there is one."""
    if path is None:
        return {}
    if "WECHAT_STORE_URL" in given:
        problems.add("WECHAT_STORE_URL_FILE", "WECHAT_STORE_URL is given too; keep one of them")
    try:
        return {"WECHAT_STORE_URL": secret_text(path).strip()}
    except ValueError as error:
        problems.add("WECHAT_STORE_URL_FILE", str(error), "/run/secrets/wechat-store-url")
        return {}


def _spelled_in_timing(field: str) -> str:
    return environment_name(field or "lease_seconds")  # all of them: the lease is too short for the others


def _passwords(given: Mapping[str, str]) -> set[str]:
    """Those inside of URLs, as they stand there and as they are sent."""
    found = set()
    for name in ("WECHAT_STORE_URL", "WECHAT_PROXY"):
        match = re.search(r"://[^/@]*:([^/@]+)@", given.get(name, ""))
        if match:
            found |= {match[1], unquote(match[1])}
    return found


def _calls_loopback_only(settings: Settings) -> bool:
    return all(is_loopback(PageUrl.parse(base).host) for base in settings.api_base)
