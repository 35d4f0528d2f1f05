"""All settings: name, default, unit, meaning. The field `listener` is `WECHAT_LISTENER` in the environment.

The environment wins over the TOML file that `WECHAT_CONFIG` names. Each secret may stand in a file of its own instead.
"""

import logging
import socket
from collections.abc import Mapping
from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import DirectoryPath, Field, PositiveInt, ValidationError, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from ..accounts import Accounts, ApiKeys, PageUrl, is_loopback
from ..errors import SettingsError
from . import sources, values
from .tables import AccountTables, KeyTables
from .timing import Seconds, Timing
from .values import CommaSeparated, FileText, SecretText

log = logging.getLogger(__name__)


class Settings(BaseSettings):
    """All settings, read and checked."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="forbid",
        validate_default=False,
        env_prefix=sources.PREFIX,
        env_nested_delimiter="__",
        enable_decoding=False,
    )

    config: values.TomlFile | None = Field(
        None, description="path of a TOML file with `[accounts.NAME]`, `[keys.NAME]` and other settings (`threads = 8`)"
    )
    appid: str | None = Field(None, description="AppID of the official account named `default`")
    secret: SecretText | None = Field(None, repr=False, description="its AppSecret")
    sandbox: bool = Field(
        default=False, description="`true`: a test account (测试号); JS domains may have ports and private IP addresses"
    )
    js_domains: CommaSeparated[str] = Field(
        (),
        description="its JS domains, comma-separated: `host`, `host/path` (whole segments), `*.host`; ports 80, 443; "
        "`:port` and IP addresses for loopback only",
    )
    login_origins: CommaSeparated[str] = Field(
        (),
        description="origins that its users may log in to, comma-separated; https unless loopback or sandbox",
        examples=["https://h5.example.com,https://shop.example.com"],
    )
    mini_appid: str | None = Field(None, description="AppID of the mini program named `mini`")
    mini_secret: SecretText | None = Field(None, repr=False, description="its AppSecret")
    web_appid: str | None = Field(None, description="AppID of the website (网站应用) named `web`")
    web_secret: SecretText | None = Field(None, repr=False, description="its AppSecret")
    web_login_origins: CommaSeparated[str] = Field(
        (), description="the sites that its users may log in to with a QR code", examples=["https://shop.example.com"]
    )
    push_token: SecretText | None = Field(
        None, repr=False, description="the Token of its message push (消息推送); without it nothing can be pushed"
    )
    push_aes_key: FileText | None = Field(
        None, repr=False, description="its EncodingAESKey, 43 characters; after a change `current,previous`"
    )
    push_forward_url: str | None = Field(
        None, repr=False, description="URL that gets every push to it, except results of media checks"
    )
    token_mode: Literal["stable", "classic"] = Field(
        "stable", description="or `classic`: which kind of access_token is fetched; an account's table may have its own"
    )
    on_unavailable: Literal["error", "review", "pass"] = Field(
        "error",
        description="a text or an image that WeChat cannot check now: `error` (503), `review` or `pass`, these two "
        "with `checked` false; an account's table may have its own",
    )
    on_openid_refused: Literal["review", "v1", "error"] = Field(
        "review",
        description="a text whose openid WeChat refuses: `review` (`checked` false), `v1` (checked without the user) "
        "or `error` (502); an account's table may have its own",
    )
    api_keys: FileText | None = Field(
        None,
        repr=False,
        description="`name:scope+scope=key,...`, in a file also one per line; without scopes: `moderation` only",
        examples=["backend:token+ticket=$(openssl rand -hex 24)"],
    )
    mock: Literal["refuse", "allow"] = Field("refuse", description="`allow`: `WECHAT_API_BASE` is a mock, not WeChat")
    api_base: Annotated[CommaSeparated[values.WeChatBase], Field(min_length=1)] = Field(
        ("https://api.weixin.qq.com",),
        validate_default=True,
        description="WeChat's addresses, comma-separated, tried in order; https unless loopback or `WECHAT_MOCK=allow`",
        examples=["https://api.weixin.qq.com,https://api2.weixin.qq.com"],
    )
    open_base: values.WeChatBase | None = Field(
        None,
        description="where browsers log in, or find the mock; unset: `https://open.weixin.qq.com`, or the mock in "
        "`WECHAT_API_BASE`",
        examples=["https://open.weixin.qq.com"],
    )
    demo_key: values.DemoKey | None = Field(
        None, repr=False, description="the key of `make run`, for every scope; only where `WECHAT_API_BASE` is loopback"
    )
    store_url: values.StoreUrl = Field(
        "sqlite:///instance/credentials.db",
        repr=False,  # may hold a password
        description="where credentials are kept: `sqlite:///` and a path (from the working directory; `sqlite:////` "
        "absolute) for one machine, `redis://`, `rediss://` or `redis+sentinel://` for several, `memory://` for one "
        "worker",
    )
    store_key: values.FernetKeys = Field(
        (),
        repr=False,
        description="encrypts stored credentials and logins; comma-separated: the first encrypts, all decrypt",
        examples=["$(openssl rand -base64 32 | tr +/ -_)"],
    )
    store_prefix: str = Field(
        "wechat:",
        min_length=1,
        max_length=100,
        description="beginning of every key in Redis; servers that share credentials have the same one",
    )
    redis_timeout_seconds: float = Field(
        0.25, gt=0, le=5, description="a Redis that takes longer to connect or answer counts as down: memory serves"
    )
    secret_key: values.SigningKeys = Field(
        (),
        repr=False,
        description="at least 32 characters that sign the gateway's passes and the links to media, and encrypt "
        "logins where there is no `WECHAT_STORE_KEY`; comma-separated: the first signs, all verify",
        examples=["$(openssl rand -hex 32)"],
    )
    listener: Literal["all", "public", "internal"] = Field(
        "all",
        description="`public` (signatures, logins, message push, links to media), `internal` (tokens, tickets, "
        "moderation) or `all`; pages are on each",
    )
    access_log: Literal["all", "errors"] = Field(
        "all", description="which requests are logged: `errors` are statuses from 400, where a proxy logs the others"
    )
    public_url: values.PublicUrl | None = Field(
        None,
        description="address by which WeChat and browsers reach this server, for media links and logins; with a path, "
        "if a proxy has it below one; https unless loopback or sandbox",
        examples=["https://wx.example.com"],
    )
    trusted_proxies: CommaSeparated[values.Network] = Field(
        (), description="IP addresses and networks whose forwarded headers count", examples=["127.0.0.1,10.0.0.0/8"]
    )
    verify_files: DirectoryPath | None = Field(
        None, description="folder whose `MP_verify_*.txt` are served at the root", examples=["."]
    )
    proxy: values.Proxy | None = Field(
        None,
        repr=False,  # may hold a password
        description="proxy for calls to WeChat; `HTTPS_PROXY` and the like are ignored",
        examples=["http://10.0.0.5:3128"],
    )
    egress: str = Field(
        default_factory=socket.gethostname,
        max_length=255,
        description="name of the address from which this server calls WeChat; nodes behind one address share one name",
        examples=["nat-1"],
    )
    connect_timeout_seconds: Seconds = Field(3.0, description="maximum time to connect to WeChat")
    read_timeout_seconds: Seconds = Field(5.0, description="maximum time until WeChat's next byte")
    private_media: Literal["refuse", "allow"] = Field(
        "refuse", description="`allow`: a media_url may name a private, loopback or single-label host, as with a mock"
    )
    max_image_bytes: PositiveInt = Field(10 * 1024 * 1024, description="a larger image is refused (413)")
    max_gateway_bytes: PositiveInt = Field(
        20 * 1024 * 1024, description="a larger body of a call that the gateway forwards is refused (errcode 45001)"
    )
    max_text_characters: PositiveInt = Field(100_000, description="a longer text is refused (413)")
    verdict_cache_seconds: Annotated[float, Field(ge=0, allow_inf_nan=False)] = Field(
        600.0, description="a verdict answers this long for the same content, in all workers and nodes; 0: no cache"
    )
    workers: PositiveInt = Field(2, description="worker processes")
    threads: PositiveInt = Field(48, description="threads of each process")
    timing: Timing = Timing()
    account_tables: AccountTables
    key_tables: KeyTables

    def __init__(self, environ: Mapping[str, str]) -> None:
        super().__init__(environ=environ)

    @classmethod
    def settings_customise_sources(
        cls, settings_cls: type[BaseSettings], init_settings: Any, *_: Any, **__: Any
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read what `__init__` got, and the TOML file that it names; never the process's own environment."""
        environ = init_settings.init_kwargs["environ"]
        return sources.Environment(settings_cls, environ), sources.toml_source(settings_cls, environ)

    _gathered = model_validator(mode="before")(sources.gathered)

    @cached_property
    def accounts(self) -> Accounts:
        """All accounts, those of single settings first."""
        return Accounts(tuple(table.account(name) for name, table in self.account_tables.items()))

    @cached_property
    def keys(self) -> ApiKeys:
        """All API keys."""
        return ApiKeys(tuple(table.api_key(self.accounts) for table in self.key_tables.values()))

    @property
    def mock_url(self) -> str | None:
        """The address that may be a mock: loopback may also be a tunnel. None for WeChat itself."""
        base = self.api_base[0]
        return base if self.mock == "allow" or is_loopback(PageUrl.parse(base).host) else None

    @property
    def confidential(self) -> frozenset[str]:
        """All secrets, keys and passwords, which logs mask."""
        passwords = values.passwords(self.store_url) | values.passwords(self.proxy or "")
        accounts = {secret for account in self.accounts for secret in account.confidential}
        keys = {table.key for table in self.key_tables.values()}
        return frozenset(passwords | accounts | keys | {*self.store_key, *self.secret_key})


def load_settings(environ: Mapping[str, str]) -> Settings:
    """Read and check everything. Raises SettingsError, which names all that is wrong."""
    files = {sources.environment_name(f"{field}_file") for field in sources.SECRETS}
    known = {name for name, _, _ in settings_table()} | files
    for name in sorted(environ.keys() - known):
        if name.startswith(sources.PREFIX):
            log.warning("unknown setting %s; %s", name, sources.nearest(name, known))
    given = {name: text.strip() for name, text in environ.items() if name in known and text.strip()}
    try:
        return Settings(given)
    except ValidationError as error:
        problems = sources.problems(error, Settings)
    raise SettingsError(problems)  # outside of every `except`: the chain would hold what was set


def settings_table() -> list[tuple[str, str, str]]:
    """Return environment name, default and meaning of each setting, for a reader; `-` is no default."""
    plain = [(name, info) for name, info in Settings.model_fields.items() if info.description]
    nested = [(f"timing__{name}", info) for name, info in Timing.model_fields.items()]
    return [
        (
            sources.environment_name(name),
            "host name" if info.default_factory else sources.as_written(info.default) or "-",
            f"{info.description}{' (or `_FILE`)' if name in sources.SECRETS else ''}",
        )
        for name, info in plain + nested
    ]
