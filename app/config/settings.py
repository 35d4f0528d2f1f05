"""The table of all settings: name, default, meaning. Units stand in the names.

The field `doors` is `WECHAT_DOORS` in the environment. The durations of `Timing` are settings as well
(`WECHAT_LEASE_SECONDS` and so on); they stand in ../timing.py, in the same way.
"""

import socket
from dataclasses import fields
from typing import Literal

from pydantic import DirectoryPath, Field, PositiveInt

from ..accounts import Accounts
from ..keys import ApiKeys
from ..timing import Seconds, Timing
from .environment import Table, environment_name
from .values import ApiBase, CommaSeparated, Network, Proxy, StoreUrl


class CentralAccess(Table):
    """Where central mode reads credentials, and with which API key."""

    url: ApiBase = Field(examples=["https://wechat.example.com"])
    key: str = Field(repr=False, examples=["what WECHAT_API_KEYS has there, as in staging:token+ticket=KEY"])


class AccountSettings(Table):
    """Accounts and keys as the environment spells them: unchecked, and secret. `Settings` has them read."""

    appid: str | None = Field(None, description="AppID of the official account named `default`")
    secret: str | None = Field(None, repr=False, description="its AppSecret")
    secret_file: str | None = Field(None, description="a file that holds it, instead")
    mini_appid: str | None = Field(None, description="AppID of the mini program named `mini`")
    mini_secret: str | None = Field(None, repr=False, description="its AppSecret")
    mini_secret_file: str | None = Field(None, description="a file that holds it, instead")
    push_token: str | None = Field(
        None, repr=False, description="the Token of `mini`'s message push (消息推送); without it that door is closed"
    )
    push_token_file: str | None = Field(None, description="a file that holds it, instead")
    push_aes_key: str | None = Field(
        None,
        repr=False,
        description="its EncodingAESKey, 43 characters; after a change the current one, a comma, the one before",
    )
    push_aes_key_file: str | None = Field(None, description="a file that holds it, instead")
    push_forward_url: str | None = Field(
        None, repr=False, description="URL to which everything pushed goes that is no verdict of a media check"
    )
    js_domains: CommaSeparated[str] = Field(
        (),
        description="pages that may be signed for `default`, comma-separated: `host`, `host/path` (whole segments), "
        "`*.host`; ports 80 and 443; `:port` and IP addresses for loopback only",
    )
    token_mode: str = Field(
        "stable",
        description="or `classic`; or `central`: no secret, credentials are read from `WECHAT_CENTRAL_URL`; "
        "a table of the TOML file may have its own",
    )
    on_unavailable: str = Field(
        "error",
        description="a text or an image that WeChat cannot check now: `error` (503), `review` or `pass`, these two "
        "with `checked` false; a table of the TOML file may have its own",
    )
    on_openid_refused: str = Field(
        "review",
        description="a text whose openid WeChat refuses: `review` (`checked` false), `v1` (checked without the user) "
        "or `error` (502); a table may have its own",
    )
    central_url: str | None = Field(
        None, description="central mode: scheme, host and port of the central server; https unless loopback"
    )
    central_key: str | None = Field(
        None, repr=False, description="central mode: an API key of that server, with the scopes `token` and `ticket`"
    )
    central_key_file: str | None = Field(None, description="a file that holds it, instead")
    api_keys: str | None = Field(
        None, repr=False, description="`name:scope+scope=key,...`; without scopes a key opens `moderation` only"
    )
    api_keys_file: str | None = Field(None, description="a file that holds them, also one a line, instead")
    demo_key: str | None = Field(
        None,
        repr=False,
        description="a key for every scope, made by `make run`; refused unless each `WECHAT_API_BASE` is loopback",
    )
    store_key: str | None = Field(
        None,
        repr=False,
        description="seals the credentials in SQLite and Redis; comma-separated, the first one seals, all of them open",
    )
    store_key_file: str | None = Field(None, description="a file that holds it, instead")
    secret_key: str | None = Field(
        None,
        repr=False,
        description="at least 32 characters that sign the links to media; without it there are no such links",
    )
    secret_key_file: str | None = Field(None, description="a file that holds it, instead")
    config: str | None = Field(None, description="path of a TOML file with `[accounts.NAME]` and `[keys.NAME]`")
    store_url_file: str | None = Field(
        None, description="a file that holds `WECHAT_STORE_URL`, instead: a URL of Redis may have a password"
    )


class Settings(Table):
    """All settings, read and checked. The first seven are put together from several settings each."""

    accounts: Accounts
    keys: ApiKeys
    timing: Timing
    central: CentralAccess | None = None
    """in central mode the server to read from"""
    store_keys: tuple[str, ...] = Field((), repr=False)
    confidential: frozenset[str] = Field(frozenset(), repr=False)  # what no log line may hold: secrets, keys, passwords
    secret_key: str | None = Field(None, repr=False)

    api_base: CommaSeparated[ApiBase] = Field(
        ("https://api.weixin.qq.com",),
        min_length=1,
        description="where WeChat is, comma-separated: the next is tried when one is unreachable; "
        "https unless loopback",
        examples=["https://api.weixin.qq.com,https://api2.weixin.qq.com"],
    )
    store_url: StoreUrl = Field(
        "sqlite:///instance/credentials.db",
        repr=False,  # may hold a password
        description="where credentials are kept: `sqlite:///` and a path (from the working directory; `sqlite:////` "
        "absolute) for one machine, `redis://` or `rediss://` for several, `memory://` for one worker",
        examples=["sqlite:///instance/credentials.db"],
    )
    store_prefix: str = Field(
        "wechat:",
        min_length=1,
        max_length=100,
        description="what every key in Redis begins with; servers that share credentials share it",
        examples=["wechat:"],
    )
    redis_timeout_seconds: float = Field(
        0.25,
        gt=0,
        le=5,
        description="a Redis that takes longer, to be reached or to answer, counts as down: memory serves",
        examples=["0.25"],
    )
    trusted_proxies: CommaSeparated[Network] = Field(
        (),
        description="IP addresses and networks whose forwarded headers count, comma-separated",
        examples=["127.0.0.1,10.0.0.0/8"],
    )
    doors: Literal["all", "public", "internal"] = Field(
        "all",
        description="`public` (signatures, message push, links to media), `internal` (tokens, tickets, moderation) or "
        "`all`; pages are on each",
        examples=["public"],
    )
    verify_files: DirectoryPath | None = Field(
        None, description="folder whose `MP_verify_*.txt` are served at the root", examples=["/etc/wechat/verify"]
    )
    connect_timeout_seconds: Seconds = Field(3.0, description="to reach WeChat", examples=["3"])
    read_timeout_seconds: Seconds = Field(5.0, description="until WeChat's next byte", examples=["5"])
    proxy: Proxy | None = Field(
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
    public_url: ApiBase | None = Field(
        None,
        description="scheme, host and port at which WeChat reaches this server, for the links to media; https unless "
        "loopback",
        examples=["https://wx.example.com"],
    )
    private_media: Literal["refuse", "allow"] = Field(
        "refuse",
        description="`allow`: a media_url may name a private, loopback or single-label host, as with a mock",
        examples=["allow"],
    )
    max_image_bytes: PositiveInt = Field(
        10 * 1024 * 1024, description="a larger image is refused (413)", examples=["10485760"]
    )
    max_frames_checked: int = Field(
        8, ge=2, le=16, description="of an animation: WeChat is shown so many frames, spread evenly", examples=["8"]
    )
    max_text_characters: PositiveInt = Field(
        100_000, description="a longer text is refused (413); WeChat takes 2,500 at a time", examples=["100000"]
    )
    verdict_cache_seconds: float = Field(
        600.0,
        ge=0,
        allow_inf_nan=False,
        description="a verdict on the same content answers so long, in all workers and nodes; 0: WeChat is asked anew",
        examples=["600"],
    )
    workers: PositiveInt = Field(2, description="gunicorn's processes", examples=["2"])
    threads: PositiveInt = Field(
        48, description="threads of each process; three quarters of them may wait for WeChat", examples=["48"]
    )


def settings_table() -> list[tuple[str, str, str]]:
    """Environment name, default and meaning of each setting, for people to read; `-` is no default."""
    models: tuple[type[Table], ...] = (AccountSettings, Settings)
    rows = [
        (name, "host name" if info.default_factory else as_written(info.default), info.description)
        for model in models
        for name, info in model.model_fields.items()
        if info.description  # accounts, keys and timing are no settings by themselves
    ]
    rows += [(field.name, as_written(field.default), field.metadata["meaning"]) for field in fields(Timing)]
    return [(environment_name(name), default, meaning) for name, default, meaning in rows]


def as_written(default: object) -> str:
    """A default as a person would set it."""
    match default:
        case None | ():
            return "-"
        case float():
            return f"{default:g}"
        case tuple():
            return ",".join(as_written(part) for part in default)
    return str(default)
