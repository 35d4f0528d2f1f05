"""Every setting: its name, default, unit and meaning. Read once, at start; a wrong one stops the start.

`load_settings` reads the environment that it is handed and the TOML file that this names, and reports all that is
wrong at once. No problem quotes what was set: it might be a secret.
"""

import difflib
import logging
import re
import socket
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    DirectoryPath,
    Field,
    PositiveInt,
    TypeAdapter,
    ValidationError,
)
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from .accounts import Account, Accounts, AccountTable
from .exceptions import PageUrlWrong, SettingsError
from .js_domains import PageUrl, is_loopback
from .keys import SCOPES, ApiKey, ApiKeys, KeyTable, digest_of, split_entries
from .timing import Seconds, Timing

log = logging.getLogger(__name__)

PREFIX = "WECHAT_"

Parsed = TypeVar("Parsed")
Tables = dict[str, dict[str, Any]]
Spelling = Callable[[str], str]


# The values that need more than their type ----------------------------------------------------------------------------


def _parts(value: object) -> object:
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _url(text: str) -> PageUrl:
    try:
        return PageUrl.parse(text)
    except PageUrlWrong:
        raise ValueError("must be http:// or https://, a host and perhaps a port") from None


def _api_base(text: str) -> str:
    url = _url(text)
    if url.path not in ("", "/") or url.url != text or "?" in text or not url.host.isascii():
        raise ValueError("must be scheme, host and port, with nothing behind")
    if not (text.lower().startswith("https:") or is_loopback(url.host)):
        raise ValueError("must be https: secrets travel there (http is for loopback addresses)")
    return text.removesuffix("/")


def _proxy(text: str) -> str:
    url = _url(re.sub(r"(?<=://)[^/@]*@", "", text, count=1))
    if url.path not in ("", "/") or "?" in text or "#" in text:
        raise ValueError("must be scheme, host and port, with nothing behind")
    return text


def _store_url(text: str) -> str:
    if text == "memory://":
        return text
    if not text.startswith("sqlite:///"):
        raise ValueError("use sqlite:///path or memory://; there is no other store yet")
    if text.removeprefix("sqlite:///") in ("", "/", ":memory:"):
        raise ValueError("names no file; a store that forgets is memory://")
    return text


def _network(value: object) -> object:
    try:
        return ip_network(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be IP addresses or networks, without host bits") from None


# The table ------------------------------------------------------------------------------------------------------------


class _Table(BaseSettings):
    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="forbid", arbitrary_types_allowed=True)

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - pydantic-settings' signature, and the next three
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return (init_settings,)  # what load_settings hands over, and no surroundings


class AccountSettings(_Table):
    """Accounts and keys as the environment spells them; `Settings` has them read."""

    appid: str | None = Field(None, description="AppID of the official account named `default`")
    secret: str | None = Field(None, repr=False, description="its AppSecret")
    secret_file: str | None = Field(None, description="a file that holds it, instead")
    mini_appid: str | None = Field(None, description="AppID of the mini program named `mini`")
    mini_secret: str | None = Field(None, repr=False, description="its AppSecret")
    mini_secret_file: str | None = Field(None, description="a file that holds it, instead")
    js_domains: Annotated[tuple[str, ...], NoDecode, BeforeValidator(_parts)] = Field(
        (),
        description="pages that may be signed for `default`, comma-separated: `host`, `host/path` (whole segments), "
        "`*.host`; ports 80 and 443; `:port` and IP addresses for loopback only",
    )
    token_mode: str = Field("stable", description="or `classic`; a table of the TOML file may have its own")
    api_keys: str | None = Field(
        None, repr=False, description="`name:scope+scope=key,...`; without scopes a key opens `moderation` only"
    )
    api_keys_file: str | None = Field(None, description="a file that holds them, also one a line, instead")
    demo_key: str | None = Field(
        None,
        repr=False,
        description="a key for every scope, made by `make run`; refused unless each `WECHAT_API_BASE` is loopback",
    )
    config: str | None = Field(None, description="path of a TOML file with `[accounts.NAME]` and `[keys.NAME]`")


class Settings(_Table):
    """All settings, read and checked."""

    accounts: Accounts
    keys: ApiKeys
    timing: Timing
    api_base: Annotated[
        tuple[Annotated[str, AfterValidator(_api_base)], ...], NoDecode, BeforeValidator(_parts), Field(min_length=1)
    ] = Field(
        ("https://api.weixin.qq.com",),
        description="where WeChat is, comma-separated: the next is tried when one is unreachable; "
        "https unless loopback",
        examples=["https://api.weixin.qq.com,https://api2.weixin.qq.com"],
    )
    store_url: Annotated[str, AfterValidator(_store_url)] = Field(
        "sqlite:///instance/credentials.db",
        description="where credentials are kept: `sqlite:///` and a path (from the working directory; `sqlite:////` "
        "absolute), or `memory://` (one worker only)",
        examples=["sqlite:///instance/credentials.db"],
    )
    trusted_proxies: Annotated[
        tuple[Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)], ...], NoDecode, BeforeValidator(_parts)
    ] = Field(
        (),
        description="IP addresses and networks whose forwarded headers count, comma-separated",
        examples=["127.0.0.1,10.0.0.0/8"],
    )
    doors: Literal["all", "public", "internal"] = Field(
        "all", description="`public` (signatures, pages), `internal` (the rest) or `all`", examples=["public"]
    )
    verify_files: DirectoryPath | None = Field(
        None, description="folder whose `MP_verify_*.txt` are served at the root", examples=["/etc/wechat/verify"]
    )
    connect_timeout_seconds: Seconds = Field(3.0, description="to reach WeChat", examples=["3"])
    read_timeout_seconds: Seconds = Field(5.0, description="until WeChat's next byte", examples=["5"])
    proxy: Annotated[str, AfterValidator(_proxy)] | None = Field(
        None,
        repr=False,  # may hold a password
        description="the proxy through which WeChat is called; none is taken from the surroundings",
        examples=["http://10.0.0.5:3128"],
    )
    egress: str = Field(
        default_factory=socket.gethostname,
        max_length=255,
        description="name of the address that WeChat sees us come from; nodes behind one address share one name",
        examples=["nat-1"],
    )
    force: Literal["last-resort", "never"] = Field(
        "last-resort", description="whether a stable token may be refreshed by force", examples=["never"]
    )
    max_image_bytes: PositiveInt = Field(
        10 * 1024 * 1024, description="a larger image is refused (413)", examples=["10485760"]
    )
    workers: PositiveInt = Field(2, description="gunicorn's processes", examples=["2"])
    threads: PositiveInt = Field(32, description="threads of each process", examples=["32"])


def settings_table() -> list[tuple[str, str, str]]:
    """Environment name, default and meaning of each setting, for people to read."""
    models: tuple[type[_Table], ...] = (AccountSettings, Settings)
    rows = [
        (name, "host name" if info.default_factory else _shown(info.default), info.description)
        for model in models
        for name, info in model.model_fields.items()
        if info.description
    ]
    rows += [(field.name, _shown(field.default), field.metadata["meaning"]) for field in fields(Timing)]
    return [(_spelled_in_environment(name), default, meaning) for name, default, meaning in rows]


def _shown(default: object) -> str:
    match default:
        case None | ():
            return "-"
        case float():
            return f"{default:g}"
        case tuple():
            return ",".join(_shown(part) for part in default)
    return str(default)


def _spelled_in_environment(field: str) -> str:
    return PREFIX + field.upper()


# Reading --------------------------------------------------------------------------------------------------------------


class _Environment(EnvSettingsSource):
    """The environment that was handed over, for one of the tables above."""

    def __init__(self, table: type[BaseSettings], given: Mapping[str, str]) -> None:
        self._given = given
        super().__init__(table)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._given.items()}


@dataclass(frozen=True, slots=True)
class _Written:
    """An account or a key as it stands in settings; `spelled` turns a field into the name that a person knows."""

    name: str
    values: Mapping[str, Any]
    spelled: Spelling


class _Problems(list[str]):
    """What is wrong, a line each: the setting's name, what is wrong, an example of a right one."""

    def add(self, name: str, what: str, example: str = "") -> None:
        line = f"{name}: {what}" + (f"; right is, for example: {example}" if example else "")
        if line not in self:
            self.append(line)

    def of(self, errors: Iterable[ErrorDetails], spelled: Spelling, examples: Mapping[str, str]) -> None:
        wrong = set()
        for error in errors:
            field = str(error["loc"][0]) if error["loc"] else ""
            if error["type"] == "too_short" and field in wrong:
                continue  # pydantic does not count wrong entries
            wrong.add(field)
            self.add(spelled(field), _said_plainly(error, examples), examples.get(field, ""))


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check everything. Raises SettingsError, which names all that is wrong."""
    settings, problems = _load(environ)
    if settings is None or problems:
        raise SettingsError(problems)  # outside of every `except`: the chain would hold what was set
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


def _load(environ: Mapping[str, str]) -> tuple[Settings | None, _Problems]:
    problems = _Problems()
    given = _known_settings(environ, problems)
    spoken = AccountSettings(**_Environment(AccountSettings, given)())
    toml = _toml_file(spoken.config, problems)
    accounts = _written_accounts(spoken, toml.accounts if toml else {})
    keys = _written_keys(spoken, toml.keys if toml else {}, problems)
    if toml and not accounts:
        problems.add("WECHAT_APPID", "no account is configured", "wx0123456789abcdef, together with WECHAT_SECRET")
    values = _Environment(Settings, given)() | {
        "accounts": _accounts(accounts, problems),
        "keys": _keys(keys, accounts, problems),
        "timing": _timing(given, problems) or Timing(),
    }
    settings = _checked(Settings, values, _spelled_in_environment, problems)
    if settings and spoken.demo_key and not all(is_loopback(_url(base).host) for base in settings.api_base):
        problems.add("WECHAT_DEMO_KEY", "is for a mock on loopback only: leave it out", "WECHAT_API_KEYS")
    return settings, problems


def _known_settings(environ: Mapping[str, str], problems: _Problems) -> dict[str, str]:
    """The settings that are ours, spaces around them cut; an empty one counts as left out."""
    known = [name for name, _, _ in settings_table()]
    for name in sorted(environ.keys() - set(known)):
        if name.startswith(PREFIX):
            log.warning("%s is no setting of this server; %s", name, _nearest(name, known))
    given = {name: environ[name].strip() for name in known if environ.get(name, "").strip()}
    for name in [name for name, value in given.items() if not _is_utf8(value)]:
        problems.add(name, "is not UTF-8")
        del given[name]
    return given


def _is_utf8(text: str) -> bool:
    return not re.search(r"[\ud800-\udfff]", text)


def _timing(given: Mapping[str, str], problems: _Problems) -> Timing | None:
    values = {
        field.name: _parts(given[name]) if isinstance(field.default, tuple) else given[name]
        for field in fields(Timing)
        if (name := _spelled_in_environment(field.name)) in given
    }
    examples = {field.name: _shown(field.default) for field in fields(Timing)}
    return _checked(Timing, values, lambda field: _spelled_in_environment(field or "lease_seconds"), problems, examples)


def _checked(
    kind: type[Parsed],
    values: Mapping[str, Any],
    spelled: Spelling,
    problems: _Problems,
    examples: Mapping[str, str] | None = None,
) -> Parsed | None:
    if examples is None:
        examples = _examples(kind)
    try:
        return TypeAdapter(kind).validate_python(values)
    except ValidationError as error:
        problems.of(error.errors(include_input=False, include_url=False), spelled, examples)
        return None


def _examples(kind: type[object]) -> dict[str, str]:
    if not issubclass(kind, BaseModel):
        return {}
    return {name: str((info.examples or [""])[0]) for name, info in kind.model_fields.items()}


def _said_plainly(error: ErrorDetails, examples: Mapping[str, str]) -> str:
    match error["type"]:
        case "missing":
            return "is missing"
        case "extra_forbidden":
            return f"is unknown; {_nearest(str(error['loc'][0]), list(examples))}"
        case "value_error":
            return str(error["ctx"]["error"])
        case "dict_type" | "model_type":
            return "must be a table"
        case "tuple_type":
            return "must be a list"
        case "too_short":
            return "must have at least one entry, or be left out"
        case "path_not_directory":
            return "there is no such folder"
    return error["msg"].removeprefix("Input ")


def _nearest(word: str, known: Sequence[str]) -> str:
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"


# Files ----------------------------------------------------------------------------------------------------------------


def _text_of(path: str) -> str:
    """A file's text. Raises ValueError; neither path (it might be a misplaced secret) nor content is in it."""
    try:
        return Path(path).read_text("utf-8-sig")
    except OSError as error:
        trouble = f"the file cannot be read ({error.strerror})"
    except UnicodeDecodeError:
        trouble = "the file is not UTF-8"
    except ValueError:
        trouble = "no file can have this name"
    raise ValueError(trouble)


class _TomlFile(BaseModel, extra="forbid"):
    accounts: Tables = Field(default_factory=dict, examples=["[accounts.shop]"])
    keys: Tables = Field(default_factory=dict, examples=["[keys.backend]"])


def _toml_file(path: str | None, problems: _Problems) -> _TomlFile | None:
    """What the TOML file says, empty without one; None if it cannot be read: then nobody knows what is missing."""
    if path is None:
        return _TomlFile()
    try:
        content = tomllib.loads(_text_of(path))
    except ValueError as error:
        what = f"no TOML: {error}" if isinstance(error, tomllib.TOMLDecodeError) else str(error)
        problems.add("WECHAT_CONFIG", what, "instance/wechat.toml")
        return None
    return _checked(_TomlFile, content, lambda field: f"WECHAT_CONFIG, [{field}]", problems)


# A secret that was copied from an example opens nothing, and one that was published opens everything.
_PLACEHOLDER = re.compile(
    r"<.*>|\$?\{.*\}|\$\w+|your[-_ ].*|.*change[-_ ]?me.*|.*replace[-_ ]?(me|with|this).*|[x*.0_-]+"
    r"|(app[-_]?)?secret|password|placeholder|example|todo|none|null",
    re.IGNORECASE | re.DOTALL,
)


def _with_secret(written: _Written, field: str, problems: _Problems) -> dict[str, Any]:
    """The values with the secret in place, read from its file if it has one.

    A wrong one is replaced, so that the other checks go on: the start has failed already.
    """
    values = dict(written.values)
    in_file = f"{field}_file"
    if not values.keys() & {field, in_file}:
        return values
    try:
        values[field] = _secret(values, field, in_file)
    except ValueError as error:
        name = written.spelled(in_file if in_file in values else field)
        problems.add(name, str(error), f"/run/secrets/wechat-{field}" if in_file in values else "")
        values[field] = f"nothing usable in {name}"
    values.pop(in_file, None)
    return values


def _secret(values: Mapping[str, object], field: str, in_file: str) -> str:
    if in_file not in values:
        return _checked_secret(values[field])
    if field in values:
        raise ValueError(f"{field} is given too; keep one of them")
    return _checked_secret(_secret_from(values[in_file]))


def _secret_from(path: object) -> str:
    if not isinstance(path, str):
        raise ValueError("must be the path of a file")  # noqa: TRY004 - a problem like the others
    return _text_of(path).rstrip("\r\n")


def _checked_secret(text: object) -> str:
    if not isinstance(text, str):
        raise ValueError("must be a string")  # noqa: TRY004 - a problem like the others
    if not text:
        raise ValueError("is empty")
    if _PLACEHOLDER.fullmatch(text):
        raise ValueError("is a placeholder: put the real one there")
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("has a space, a line end or a letter outside ASCII, as no secret or key has")
    return text


# Accounts and keys ----------------------------------------------------------------------------------------------------

_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")
_APPID = re.compile(r"wx[0-9a-f]{16}")

# Account, kind, and which setting of the environment each field is.
_IN_ENVIRONMENT = (
    ("default", "official", {field: field for field in ("appid", "secret", "secret_file", "js_domains")}),
    ("mini", "mini", {field: f"mini_{field}" for field in ("appid", "secret", "secret_file")}),
)


def _written_accounts(spoken: AccountSettings, tables: Tables) -> list[_Written]:
    """The environment's two, then those of the TOML file."""
    rest = dict(tables)
    written = []
    for name, kind, settings in _IN_ENVIRONMENT:
        if spoken.model_fields_set & set(settings.values()):
            table = rest.pop(name, {})
            written.append(_merged(name, table, spoken, settings | {"token_mode": "token_mode"}, {"kind": kind}))
    return written + [_merged(name, table, spoken, {}, {}) for name, table in rest.items()]


def _merged(
    name: str, table: dict[str, Any], spoken: AccountSettings, settings: Mapping[str, str], given: dict[str, Any]
) -> _Written:
    """One account of both sources; where both have a field, the environment wins."""
    given |= {field: getattr(spoken, its) for field, its in settings.items() if its in spoken.model_fields_set}
    secrets = {"secret", "secret_file"}
    if given.keys() & secrets or given.get("appid", table.get("appid")) != table.get("appid"):
        table = {field: value for field, value in table.items() if field not in secrets}  # another appid's secret
    settings = {"token_mode": "token_mode"} | dict(settings)
    of_table = table.keys() - given.keys()

    def spelled(field: str) -> str:
        if field in settings and field not in of_table:
            return _spelled_in_environment(settings[field])
        return f"[accounts.{name}] {field}".rstrip()

    return _Written(name, {"token_mode": spoken.token_mode} | table | given, spelled)


def _accounts(written: Sequence[_Written], problems: _Problems) -> Accounts:
    examples = _examples(AccountTable) | {"secret_file": "/run/secrets/wechat-secret"}
    accounts: list[Account] = []
    for one in written:
        if not _NAME.fullmatch(one.name) or _APPID.fullmatch(one.name):
            problems.add(f"[accounts.{one.name}]", "a name has 1 to 64 of A-Z a-z 0-9 . _ - and is no appid", "shop")
        table = _checked(AccountTable, _with_secret(one, "secret", problems), one.spelled, problems, examples)
        if table is None:
            continue
        twin = next((account.name for account in accounts if account.appid == table.appid), None)
        if twin:
            problems.add(one.spelled("appid"), f"account {twin} has the same one")
        accounts.append(table.account(one.name))
    return Accounts(tuple(accounts))


def _written_keys(spoken: AccountSettings, tables: Tables, problems: _Problems) -> list[_Written]:
    """The environment's, then those of the TOML file whose names the environment does not have."""
    setting, text = _api_keys_text(spoken, problems)
    written = [
        _Written(name, values, _inside(f"{setting} entry {number}"))
        for number, (name, values) in enumerate(split_entries(text), start=1)
    ]
    if spoken.demo_key:
        written.append(_Written("demo", {"key": spoken.demo_key, "scopes": SCOPES}, lambda _: "WECHAT_DEMO_KEY"))
    taken = {one.name for one in written}
    for name in sorted(taken & tables.keys()):
        log.warning("[keys.%s] is not used: the environment has a key of this name, and it wins", name)
    rest = [_Written(name, table, _inside(f"[keys.{name}]")) for name, table in tables.items() if name not in taken]
    return written + rest


def _api_keys_text(spoken: AccountSettings, problems: _Problems) -> tuple[str, str]:
    """Which setting holds the environment's keys, and what it says."""
    if spoken.api_keys_file is None:
        return "WECHAT_API_KEYS", spoken.api_keys or ""
    if spoken.api_keys:
        problems.add("WECHAT_API_KEYS_FILE", "WECHAT_API_KEYS is given too; keep one of them")
    try:
        return "WECHAT_API_KEYS_FILE", _secret_from(spoken.api_keys_file)
    except ValueError as error:
        problems.add("WECHAT_API_KEYS_FILE", str(error), "/run/secrets/wechat-api-keys")
        return "WECHAT_API_KEYS_FILE", ""


def _inside(place: str) -> Spelling:
    return lambda field: f"{place} {field}".rstrip()


def _keys(written: Sequence[_Written], accounts: Sequence[_Written], problems: _Problems) -> ApiKeys:
    names = {known: one.name for one in accounts for known in (str(one.values.get("appid")), one.name)}
    examples = _examples(KeyTable) | {"key_file": "/run/secrets/wechat-key"}
    keys: list[ApiKey] = []
    places: dict[bytes, str] = {}
    for one in written:
        place = one.spelled("key")
        if not _NAME.fullmatch(one.name):
            problems.add(place, "needs a name of 1 to 64 of A-Z a-z 0-9 . _ -", "backend:token+ticket=KEY")
        table = _checked(KeyTable, _with_secret(one, "key", problems), one.spelled, problems, examples)
        if table is None:
            continue
        if unknown := sorted(set(table.accounts or ()) - names.keys()):
            problems.add(
                one.spelled("accounts"), f"there is no account {', '.join(unknown)}", ", ".join(names.values())
            )
        digest = digest_of(table.key.encode())
        if (twin := places.setdefault(digest, place)) != place:
            problems.add(place, f"the same key as {twin}")
        allowed = None if table.accounts is None else frozenset(names.get(name, name) for name in table.accounts)
        keys.append(ApiKey(one.name, digest, frozenset(table.scopes), allowed))
    return ApiKeys(tuple(keys))
