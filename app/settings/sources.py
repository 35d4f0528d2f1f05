"""Where settings come from (environment, secret files, TOML), and how wrong ones are reported."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, EnvSettingsSource, InitSettingsSource

from ..accounts import GROUPS, SCOPES, text_of
from .tables import AccountTable, KeyTable, split_keys
from .timing import Timing
from .values import read_toml

PREFIX = "WECHAT_"
_SINGLE = {
    "default": {name: name for name in ("appid", "secret", "secret_file", "sandbox", "js_domains", "login_origins")},
    "mini": {name: f"mini_{name}" for name in ("appid", "secret", "secret_file")}
    | {name: name for name in ("push_token", "push_aes_key", "push_forward_url")},
    "web": {name: f"web_{name}" for name in ("appid", "secret", "secret_file", "login_origins")},
}
"""accounts that single settings describe: by name, field -> setting"""
_FOR_ALL = ("token_mode", "on_unavailable", "on_openid_refused")
SECRETS = (
    *("secret", "mini_secret", "web_secret", "push_token", "push_aes_key"),
    *("api_keys", "store_key", "secret_key", "store_url", "proxy"),
)
"""settings that may stand in a file of their own: `WECHAT_SECRET_FILE`"""
_ACCOUNT_SECRETS = ("secret", "push_token", "push_aes_key", "push_aes_key_previous")


class Environment(EnvSettingsSource):
    """The settings of the given environment, with the contents of secret files."""

    def __init__(self, settings: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): text for name, text in self._environ.items()}

    def __call__(self) -> dict[str, Any]:
        """Return the settings by field name."""
        files = {
            f"{field}_file": self._environ[name]
            for field in SECRETS
            if (name := environment_name(f"{field}_file")) in self._environ
        }
        return with_secrets(super().__call__() | files, SECRETS)


def toml_source(settings: type[BaseSettings], environ: Mapping[str, str]) -> InitSettingsSource:
    """Return the settings of the TOML file. If it cannot be read there are none; the check of `config` says why."""
    path = environ.get(environment_name("config"))
    try:
        given = with_secrets(read_toml(path), SECRETS) if path else {}
    except ValueError:
        given = {}
    for part, fields in (("accounts", _ACCOUNT_SECRETS), ("keys", ("key",))):
        tables = given.get(part, {})
        if isinstance(tables, dict):
            given[part] = {name: _table_with_secrets(table, fields) for name, table in tables.items()}
    return InitSettingsSource(settings, given)


def _table_with_secrets(table: object, fields: Iterable[str]) -> object:
    if isinstance(table, list):
        return [_table_with_secrets(one, fields) for one in table]
    return with_secrets(table, fields) if isinstance(table, dict) else table


def with_secrets(given: dict[str, Any], secrets: Iterable[str]) -> dict[str, Any]:
    """Put each secret in place of the file that holds it; of an AppSecret the path stays beside it.

    If the file cannot be read, the value is a ValueError that says why.
    """
    given = dict(given)
    for field in secrets:
        name = f"{field}_file"
        path = given.pop(name, None)
        if path is not None:
            given[field] = _in_file(name, path) if field not in given else ValueError(f"{name} is set too: keep one")
        if field.endswith("secret") and field in given:
            given[name] = path
    return given


def _in_file(name: str, path: object) -> str | ValueError:
    if not isinstance(path, str):
        return ValueError(f"{name} must be the path of a file")
    try:
        return text_of(path).rstrip("\r\n")
    except ValueError as error:
        return ValueError(f"{name}: {error}")


def gathered(given: dict[str, Any]) -> dict[str, Any]:
    """Make tables of the accounts and keys that single settings describe; single settings win over tables."""
    tables = given.pop("accounts", {})
    if isinstance(tables, dict):
        single = {}
        for name, settings in _SINGLE.items():
            fields = {field: given[setting] for field, setting in settings.items() if setting in given}
            if fields and isinstance(tables.get(name, {}), dict):
                single[name] = {"kind": "official" if name == "default" else name} | tables.get(name, {}) | fields
        for_all = {field: given[field] for field in _FOR_ALL if field in given}
        tables = {
            name: for_all | table if isinstance(table, dict) else table
            for name, table in (single | tables | single).items()
        }
    given["account_tables"] = tables
    given["key_tables"] = _key_tables(given)
    for setting in ("secret_file", "mini_secret_file", "web_secret_file"):
        given.pop(setting, None)
    return given


def _key_tables(given: dict[str, Any]) -> object:
    """Each key's table by the place where it is written; keys of the environment replace tables of the same name."""
    tables = given.pop("keys", {})
    if not isinstance(tables, dict):
        return tables
    keys: dict[str, object] = {}
    text = given.get("api_keys")
    for number, table in enumerate(split_keys(text) if isinstance(text, str) else [], start=1):
        keys[f"WECHAT_API_KEYS entry {number}"] = table
        tables = {name: one for name, one in tables.items() if name != table.get("name")}
    if given.get("demo_key"):
        keys["WECHAT_DEMO_KEY"] = {"name": "demo", "key": given["demo_key"], "scopes": SCOPES, "groups": GROUPS}
    for name, table in tables.items():
        several = table if isinstance(table, list) else [table]
        for number, one in enumerate(several, start=1):
            place = f"[[keys.{name}]] {number}" if isinstance(table, list) else f"[keys.{name}]"
            keys[place] = {"name": name} | one if isinstance(one, dict) else one
    return keys


def environment_name(field: str) -> str:
    """Return the name that the environment has for a field."""
    return PREFIX + field.upper()


def nearest(word: str, known: Iterable[str]) -> str:
    """Return a hint at the known name that is nearest to a word."""
    known = sorted(known)
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"


def as_written(default: object) -> str:
    """Return a default as it would be set, "" for none."""
    match default:
        case None | ():
            return ""
        case float():
            return f"{default:g}"
        case tuple():
            return ",".join(as_written(part) for part in default)
    return str(default).lower() if isinstance(default, bool) else str(default)


def problems(error: ValidationError, settings: type[BaseSettings]) -> list[str]:
    """Return a line for each wrong setting: its name, what is wrong, a right example. No line shows a value."""
    errors = error.errors(include_input=False, include_url=False)
    wrong = {one["loc"] for one in errors}

    def repeats(place: tuple[int | str, ...], kind: str) -> bool:
        """Whether the error follows from another: a list without its wrong entries, a wrong setting of all accounts."""
        if kind == "too_short":
            return any(other[:-1] == place for other in wrong)
        return place[0] == "account_tables" and place[-1] in _FOR_ALL and place[-1:] in wrong

    lines = [line for one in errors if not repeats(one["loc"], one["type"]) for line in _lines(one, settings)]
    return list(dict.fromkeys(lines))


def _lines(error: ErrorDetails, settings: type[BaseSettings]) -> Iterator[str]:
    what, example = _what(error, settings), ""
    match error["loc"]:
        case ("account_tables" | "key_tables",) if error["type"] == "value_error":
            yield from what.split("\n")  # these errors name their places themselves
            return
        case ("account_tables" | "key_tables" as part,):
            name = f"WECHAT_CONFIG, [{str(part).removesuffix('_tables')}s]"
        case ("key_tables", key):
            name = str(key)
        case ("account_tables", account):
            name = f"[accounts.{account}]"
        case ("account_tables", account, "[key]"):
            name, example = f"[accounts.{account}]", "shop"
        case ("account_tables", account, str(field), *_):
            single = _SINGLE.get(str(account), {}).get(field)
            name = environment_name(single) if single else f"[accounts.{account}] {field}"
            example = _example(AccountTable, field)
        case ("key_tables", key, str(field), *_):
            name, example = f"{key} {field}", _example(KeyTable, field)
        case ("timing", str(field), *_):
            name, example = environment_name(f"timing__{field}"), _example(Timing, field)
        case (field, *_):
            name = environment_name(str(field))
            of_account = str(field).removeprefix("mini_").removeprefix("web_")
            example = _example(settings, str(field)) or _example(AccountTable, of_account)
            if error["type"] == "extra_forbidden":
                name = f"WECHAT_CONFIG, {field}"
        case _:
            name = "settings"
    yield f"{name}: {what}" + (f"; right is, for example: {example}" if example and "; right is" not in what else "")


def _example(table: type[BaseModel], field: str) -> str:
    info = table.model_fields.get(field)
    if info is None:
        return ""
    return str(info.examples[0]) if info.examples else as_written(info.default)


def _what(error: ErrorDetails, settings: type[BaseSettings]) -> str:
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            part, field = str(error["loc"][0]), str(error["loc"][-1])
            tables: dict[str, type[BaseModel]] = {
                "account_tables": AccountTable,
                "key_tables": KeyTable,
                "timing": Timing,
            }
            known = [*tables[part].model_fields] if part in tables else [*settings.model_fields, "accounts", "keys"]
            return f"is unknown; {nearest(field, known)}"
        case "value_error":
            return str(error["ctx"]["error"])
        case "dict_type" | "model_type" | "model_attributes_type":
            return "must be a table"
        case "tuple_type":
            return "must be a list"
        case "too_short":
            return "must have at least one entry, or be left out"
        case "path_not_directory":
            return "there is no such folder"
    return error["msg"].removeprefix("Input ").removeprefix("String ")
