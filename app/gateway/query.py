"""The query of a forwarded call: only its access_token changes, every other byte stays as it came."""

from collections.abc import Mapping
from urllib.parse import quote, unquote_plus

from .answers import GatewayRefusal

_TOKEN = "access_token"  # noqa: S105 -- a name
_SECRETS = ("secret", "appsecret")


def access_token(query: str) -> str | None:
    """The value of the access_token, None without one. Raises GatewayRefusal if there are two."""
    values = [unquote_plus(pair.partition("=")[2]) for pair in query.split("&") if _name(pair) == _TOKEN]
    if len(values) > 1:
        raise GatewayRefusal(40001, "invalid credential, gateway: the query has two access_token")
    return values[0] if values else None


def with_access_token(query: str, value: str) -> str:
    """The query with this access_token in the place of the one it has, else at its end."""
    return with_values(query, {_TOKEN: value})


def with_values(query: str, values: Mapping[str, str]) -> str:
    """The query with each of these values in the place of those it has under that name, else at its end."""
    ours = {name: f"{name}={quote(value, safe='')}" for name, value in values.items()}
    pairs = query.split("&") if query else []
    there = {_name(pair) for pair in pairs}
    missing = (pair for name, pair in ours.items() if name not in there)
    return "&".join([*(ours.get(_name(pair), pair) for pair in pairs), *missing])


def check_secrets(query: str) -> None:
    """Raise GatewayRefusal for an AppSecret, which is an API key here: it must not reach WeChat."""
    if any(_name(pair) in _SECRETS for pair in query.split("&")):
        raise GatewayRefusal(48001, "api unauthorized, gateway: this path takes no secret")


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])
