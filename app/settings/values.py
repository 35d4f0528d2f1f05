"""Types of settings that need more than Python's: each refuses a wrong value with a ValueError that says why."""

import re
import tomllib
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated, Any, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo

from ..accounts import CommaSeparated, FileText, PageUrl, SecretText, is_loopback, text_of
from ..errors import PageUrlWrong

_FERNET_KEY = re.compile(r"[A-Za-z0-9_-]{43}=")
_SIGNING_KEY_CHARACTERS = 32

_NOTHING_BEHIND = "must be scheme, host and port, with nothing behind"


class CentralAccess(NamedTuple):
    """Where central mode reads credentials, and with which API key."""

    url: str
    key: str


def passwords(url: str) -> set[str]:
    """Return the password in a URL, as it is there and as it is sent."""
    match = re.search(r"://[^/@]*:([^/@]+)@", url)
    return {match[1], unquote(match[1])} if match else set()


def _url(text: str) -> PageUrl:
    try:
        return PageUrl.parse(text)
    except PageUrlWrong:
        raise ValueError("must be http:// or https://, a host and perhaps a port") from None


def _api_base(text: str) -> str:
    url = _url(text)
    if url.path not in ("", "/") or url.url != text or "?" in text or not url.host.isascii():
        raise ValueError(_NOTHING_BEHIND)
    if not (text.lower().startswith("https:") or is_loopback(url.host)):
        raise ValueError("must be https: secrets travel there (http is for loopback addresses)")
    return text.removesuffix("/")


def _proxy(text: str) -> str:
    without_password = re.sub(r"(?<=://)[^/@]*@", "", text, count=1)  # a page URL may have none, a proxy may
    if _url(without_password).path not in ("", "/") or "?" in text or "#" in text:
        raise ValueError(_NOTHING_BEHIND)
    return text


def _store_url(text: str) -> str:
    if text == "memory://":
        return text
    if text.startswith(("redis://", "rediss://")):
        return _redis_url(text)
    if not text.startswith("sqlite:///"):
        raise ValueError("use sqlite:///path, redis://host:6379/0, rediss://host:6379/0 or memory://")
    if text.removeprefix("sqlite:///") in ("", "/", ":memory:"):
        raise ValueError("names no file; a store that forgets is memory://")
    return text


def _redis_url(text: str) -> str:
    wrong = ValueError("must be redis://user:password@host:port/database, with nothing behind")
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        raise wrong from None
    if not url.hostname or url.query or url.fragment or not re.fullmatch(r"(/\d*)?", url.path):
        raise wrong
    return text


def _network(value: object) -> object:
    try:
        network = ip_network(value) if isinstance(value, str) else value
    except ValueError:
        raise ValueError("must be IP addresses or networks, without host bits") from None
    if getattr(network, "prefixlen", None) == 0:
        raise ValueError("would trust every caller: name the proxies' own addresses")
    return network


def _fernet_key(key: str) -> str:
    if not _FERNET_KEY.fullmatch(key):
        raise ValueError("must be Fernet keys (32 random bytes in URL-safe base64), comma-separated")
    return key


def _signing_key(key: str) -> str:
    if len(key) < _SIGNING_KEY_CHARACTERS:
        raise ValueError(f"has fewer than {_SIGNING_KEY_CHARACTERS} characters")
    return key


def _demo_key(key: str, info: ValidationInfo) -> str:
    if not all(is_loopback(PageUrl.parse(base).host) for base in info.data.get("api_base", ())):
        raise ValueError("is for a mock on loopback only: leave it out, and set WECHAT_API_KEYS")
    return key


def _needed_by_central_mode(value: str | None, info: ValidationInfo) -> str | None:
    modes = {table.token_mode for table in info.data.get("account_tables", {}).values()}
    if value is None and "central" in modes | {info.data.get("token_mode")}:
        raise ValueError("is missing, and central mode needs it")
    return value


def _toml_file(path: str) -> str:
    read_toml(path)
    return path


def read_toml(path: str) -> dict[str, Any]:
    """Return what a TOML file says. Raises ValueError, which says what is wrong with it."""
    text = text_of(path)
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        problem = f"no TOML: {error}"
    raise ValueError(problem)


ApiBase = Annotated[str, AfterValidator(_api_base)]
Proxy = Annotated[FileText, AfterValidator(_proxy)]
Network = Annotated[IPv4Network | IPv6Network, BeforeValidator(_network)]
StoreUrl = Annotated[FileText, AfterValidator(_store_url)]
FernetKeys = Annotated[CommaSeparated[Annotated[str, AfterValidator(_fernet_key)]], Field(min_length=1)]
SigningKey = Annotated[SecretText, AfterValidator(_signing_key)]
TomlFile = Annotated[str, AfterValidator(_toml_file)]
DemoKey = Annotated[SecretText, AfterValidator(_demo_key)]
CentralUrl = Annotated[ApiBase | None, AfterValidator(_needed_by_central_mode)]
CentralKey = Annotated[SecretText | None, AfterValidator(_needed_by_central_mode)]
