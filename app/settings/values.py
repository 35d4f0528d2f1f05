"""Types of settings that need more than Python's: each refuses a wrong value with a ValueError that says why.

A secret whose file could not be read is a ValueError in place of its value, and is raised where it is checked.
"""

import re
import tomllib
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, TypeVar
from urllib.parse import unquote

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo

from ..accounts import MIN_KEY_CHARACTERS, PageUrl, is_loopback, text_of, usable
from ..errors import PageUrlWrong

Item = TypeVar("Item")

_HOST = r"(\[[0-9A-Fa-f:.]+\]|[^/?#@:,\[\]]+)(:[0-9]{1,5})?"
_REDIS = re.compile(rf"rediss?://([^/?#]*@)?{_HOST}(/[0-9]*)?")
_SENTINELS = re.compile(
    rf"rediss?\+sentinel://([^/?#@]*@)?{_HOST}(,{_HOST})*/[^/?#@]+(/[0-9]+)?(\?sentinel_password=[^&#]+)?"
)
_SQLITE = re.compile(r"sqlite:///(?!/?$|:memory:$).+")
_NOTHING_BEHIND = "must be scheme, host and port, with nothing behind"


class Table(BaseModel):
    """A table of settings: typed, checked, immutable."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def passwords(url: str) -> set[str]:
    """Return the passwords in a URL, as they are there and as they are sent."""
    found = {a or b for a, b in re.findall(r"://[^/@]*:([^/@]+)@|\?sentinel_password=([^&#]+)", url)}
    return found | {unquote(password) for password in found}


def _of_file(value: object) -> object:
    if isinstance(value, Exception):
        raise value
    return value


def _secret(value: object) -> object:
    return usable(value) if isinstance(value, str) else _of_file(value)


def comma_separated(value: object) -> object:
    """Split comma-separated text; leave everything else to the type's own check."""
    if not isinstance(value, str):
        return _of_file(value)
    return tuple(part.strip() for part in value.split(",") if part.strip())


def _http_url(text: str) -> str:
    _url(text)
    return text


def _url(text: str) -> PageUrl:
    try:
        return PageUrl.parse(text)
    except PageUrlWrong:
        raise ValueError("must be http:// or https://, a host and perhaps a port") from None


def _host_of_base(text: str) -> str:
    url = _url(text)
    if url.path not in ("", "/") or url.url != text or "?" in text or not url.host.isascii():
        raise ValueError(_NOTHING_BEHIND)
    return url.host


def _api_base(text: str) -> str:
    host = _host_of_base(text)
    if not (text.lower().startswith("https:") or is_loopback(host)):
        raise ValueError("must be https: secrets travel there (http is for loopback addresses)")
    return text.removesuffix("/")


def login_origin(what: str, text: str, *, insecure: bool) -> str:
    """Return an origin as browsers write it; http is for loopback, or where `insecure`. Raises ValueError."""
    try:
        url = _url(text)
        host = _host_of_base(text)
    except ValueError as error:
        raise ValueError(f"{what} {error}") from None
    if not (insecure or url.url.lower().startswith("https:") or is_loopback(host)):
        raise ValueError(f"{what} must be https (http is for loopback addresses and a sandbox)")
    return url.origin


def _public_url(text: str, info: ValidationInfo) -> str:
    url = _url(text)
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*/?", url.path) or url.url != text or "?" in text or not text.isascii():
        raise ValueError("must be scheme, host and port, and the path below which a proxy has this server, if any")
    if not (info.data.get("sandbox") or text.lower().startswith("https:") or is_loopback(url.host)):
        raise ValueError("must be https: logins lead here (http is for loopback addresses and a sandbox)")
    return text.rstrip("/")


def _wechat_base(text: str, info: ValidationInfo) -> str:
    if info.data.get("mock") != "allow":
        return _api_base(text)
    if f".{_host_of_base(text).rstrip('.')}".endswith((".qq.com", ".wechat.com")):
        what = "is WeChat itself, but WECHAT_MOCK=allow is for a mock alone"
        raise ValueError(f"{what}; right is, for example: http://mock:9100")
    return text.removesuffix("/")


def _proxy(text: str) -> str:
    without_password = re.sub(r"(?<=://)[^/@]*@", "", text, count=1)  # a page URL may have none, a proxy may
    if _url(without_password).path not in ("", "/") or "?" in text or "#" in text:
        raise ValueError(_NOTHING_BEHIND)
    return text


def _store_url(text: str) -> str:
    if "+sentinel:" in text and not _SENTINELS.fullmatch(text):
        raise ValueError(
            "name sentinels, primary and database: redis+sentinel://user:password@host:26379,host:26379/mymaster/0; "
            "behind it perhaps ?sentinel_password=..."
        )
    if not (text == "memory://" or any(known.fullmatch(text) for known in (_REDIS, _SENTINELS, _SQLITE))):
        raise ValueError(
            "use sqlite:///path of a file, redis://user:password@host:port/database, redis+sentinel://, the same with "
            "rediss, or memory://; / @ # as %2F %40 %23 in a password"
        )
    return text


def _network(value: object) -> object:
    try:
        network = ip_network(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be IP addresses or networks, without host bits") from None
    if getattr(network, "prefixlen", None) == 0:
        raise ValueError("would trust every caller: name the proxies' own addresses")
    return network


def _demo_key(key: str, info: ValidationInfo) -> str:
    if not all(is_loopback(PageUrl.parse(base).host) for base in info.data.get("api_base", ())):
        raise ValueError("is for a mock on loopback only: leave it out, and set WECHAT_API_KEYS")
    return key


def read_toml(path: str) -> dict[str, Any]:
    """Return what a TOML file says. Raises ValueError, which says what is wrong with it."""
    try:
        return tomllib.loads(text_of(path))
    except tomllib.TOMLDecodeError as error:
        raise ValueError(f"no TOML: {error}") from None


def _toml_file(path: str) -> str:
    read_toml(path)
    return path


CommaSeparated = Annotated[tuple[Item, ...], BeforeValidator(comma_separated)]
FileText = Annotated[str, BeforeValidator(_of_file)]
SecretText = Annotated[str, BeforeValidator(_secret)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
WeChatBase = Annotated[str, AfterValidator(_wechat_base)]
PublicUrl = Annotated[str, AfterValidator(_public_url)]
Proxy = Annotated[FileText, AfterValidator(_proxy)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
StoreUrl = Annotated[FileText, AfterValidator(_store_url)]
FernetKeys = Annotated[CommaSeparated[Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}=$")]], Field(min_length=1)]
SigningKeys = Annotated[
    CommaSeparated[Annotated[str, Field(min_length=32), BeforeValidator(_secret)]], Field(min_length=1)
]
KeyText = Annotated[str, Field(min_length=MIN_KEY_CHARACTERS), BeforeValidator(_secret)]
TomlFile = Annotated[str, AfterValidator(_toml_file)]
DemoKey = Annotated[SecretText, AfterValidator(_demo_key)]
