"""Accounts from both sources: the environment has up to two, the TOML file any number."""

import logging
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..accounts import Account, Accounts, AccountTable
from .entries import NAME, Entry
from .environment import environment_name
from .files import Tables
from .problems import Problems, examples_of
from .settings import AccountSettings

log = logging.getLogger(__name__)

_APPID = re.compile(r"wx[0-9a-f]{16}")
_SECRET_FIELDS = ("secret", "push_token", "push_aes_key", "push_aes_key_previous")
_EXAMPLES = examples_of(AccountTable) | {f"{field}_file": f"/run/secrets/wechat-{field}" for field in _SECRET_FIELDS}
_SECRETS = {"secret", "secret_file"}
_PUSH = ("push_token", "push_token_file", "push_aes_key", "push_aes_key_file", "push_forward_url")

# The environment's accounts: name, kind, and which setting each field of the account is.
_IN_ENVIRONMENT = (
    ("default", "official", {field: field for field in ("appid", "secret", "secret_file", "js_domains")}),
    (
        "mini",
        "mini",
        {field: f"mini_{field}" for field in ("appid", "secret", "secret_file")} | {field: field for field in _PUSH},
    ),
)
_FOR_ALL = {field: field for field in ("token_mode", "on_unavailable", "on_openid_refused")}


def account_entries(settings: AccountSettings, tables: Tables) -> list[Entry]:
    """The environment's accounts, then the TOML file's others. Of one in both, the environment's fields win."""
    others = dict(tables)
    entries = []
    for name, kind, own in _IN_ENVIRONMENT:
        if settings.model_fields_set & set(own.values()):
            given = {"kind": kind} | _given(settings, own | _FOR_ALL)
            table = _without_given(others.pop(name, {}), given)
            entries.append(_entry(name, table, given, own | _FOR_ALL, settings))
    return entries + [_entry(name, table, {}, _FOR_ALL, settings) for name, table in others.items()]


def _given(settings: AccountSettings, setting_of: Mapping[str, str]) -> dict[str, Any]:
    """The account's fields that the environment sets; defaults would hide what the table says."""
    return {
        field: getattr(settings, setting)
        for field, setting in setting_of.items()
        if setting in settings.model_fields_set
    }


def _without_given(table: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """What the table has beyond the environment; no second secret, and no other appid's."""
    spelled_otherwise = {f"{field}_file" for field in given} | {field.removesuffix("_file") for field in given}
    beyond = {field: value for field, value in table.items() if field not in given.keys() | spelled_otherwise}
    if given.keys() & _SECRETS or given.get("appid", table.get("appid")) != table.get("appid"):
        return {field: value for field, value in beyond.items() if field not in _SECRETS}
    return beyond


def _entry(
    name: str,
    table: Mapping[str, Any],
    given: Mapping[str, Any],
    setting_of: Mapping[str, str],
    settings: AccountSettings,
) -> Entry:
    def spelled(field: str) -> str:
        if field in setting_of and field not in table:
            return environment_name(setting_of[field])
        return f"[accounts.{name}] {field}".rstrip()

    for_all = {field: getattr(settings, setting) for field, setting in _FOR_ALL.items()}
    because = next((environment_name(setting_of[field]) for field in given if field in setting_of), "")
    return Entry(name, {**for_all, **table, **given}, spelled, because)


def read_accounts(entries: Sequence[Entry], problems: Problems) -> Accounts:
    """The accounts that are right; what is wrong with the others is noted."""
    accounts: list[Account] = []
    for entry in entries:
        if not NAME.fullmatch(entry.name) or _APPID.fullmatch(entry.name):
            problems.add(f"[accounts.{entry.name}]", "a name has 1 to 64 of A-Z a-z 0-9 . _ - and is no appid", "shop")
        table = problems.checked(AccountTable, _values(entry, problems), entry.spelled, _EXAMPLES, entry.because)
        if table is None:
            continue
        twin = next((account.name for account in accounts if account.appid == table.appid), None)
        if twin:
            problems.add(entry.spelled("appid"), f"account {twin} has the same one")
        accounts.append(table.account(entry.name, entry.values.get("secret_file")))
    return Accounts(tuple(accounts))


def _values(entry: Entry, problems: Problems) -> dict[str, Any]:
    """What is set of the account, its secret in place: in central mode it has none."""
    if entry.values.get("token_mode") != "central":
        return _with_secrets(entry, _SECRET_FIELDS, problems)
    for field in sorted(_SECRETS & entry.values.keys()):
        log.warning("%s is not used: in central mode nothing is fetched from WeChat", entry.spelled(field))
    values = _with_secrets(entry, _SECRET_FIELDS[1:], problems)
    return {field: value for field, value in values.items() if field not in _SECRETS} | {"secret": ""}


def _with_secrets(entry: Entry, fields: Sequence[str], problems: Problems) -> dict[str, Any]:
    """The account's values, each of these secrets in place of the file that holds it."""
    for field in fields:
        entry = replace(entry, values=entry.with_secret(field, problems))
    return dict(entry.values)
