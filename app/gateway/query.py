"""The query of a forwarded call: one value in it changes, every other byte stays as it came."""

import re
from urllib.parse import quote, unquote_plus

from .answers import GatewayRefusal, refusal, unauthorized

_TOKEN = "access_token"  # noqa: S105 -- a name
_SECRETS = ("secret", "appsecret")
_WORD = re.compile(r"\W*(\w*)", re.ASCII)


def access_token(query: str) -> str | None:
    """The value of the access_token, None without one. Raises GatewayRefusal if there are several."""
    return value(query, _TOKEN)


def with_access_token(query: str, token: str) -> str:
    """The query with this access_token in the place of the one that it has, else at its end."""
    return replaced(query, _TOKEN, token)


def without_access_token(query: str) -> str:
    """The query without any access_token."""
    return "&".join(pair for pair in query.split("&") if _name(pair) != _TOKEN)


def value(query: str, name: str) -> str | None:
    """The decoded value of a parameter, None without one.

    Raises GatewayRefusal if there are several, or one that only some programs would take for it.
    """
    values = [unquote_plus(pair.partition("=")[2]) for pair in query.split("&") if _name(pair) == name]
    if len(values) > 1 or _alike(query, name) > len(values):
        raise refusal("two tokens") if name == _TOKEN else _several(name)
    return values[0] if values else None


def replaced(query: str, name: str, new: str) -> str:
    """The query with this value in place of the parameter's, else at its end. Raises GatewayRefusal like `value`."""
    pair = f"{name}={quote(new, safe='')}"
    if value(query, name) is None:
        return f"{query}&{pair}" if query else pair
    return "&".join(pair if _name(each) == name else each for each in query.split("&"))


def check_secrets(query: str, taken: str | None = None) -> None:
    """Raise GatewayRefusal for an AppSecret, which is an API key here: it must not reach WeChat.

    The name `taken` is that of the path's own secret, which is replaced.
    """
    for name in _SECRETS:
        if name != taken and _alike(query, name):
            raise unauthorized(f"this path takes no {name}")


def _several(name: str) -> GatewayRefusal:
    return GatewayRefusal(40097, f"invalid args, gateway: the query has several {name}, or one in an odd spelling")


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _alike(query: str, name: str) -> int:
    """How many parameters some program could take for this one: WeChat's is not known to us.

    They may be encoded twice, separated by `;`, in upper case, cut at a NUL or a bracket, or have spaces around.
    """
    names = (_WORD.match(unquote_plus(_name(pair))) for pair in re.split("[&;]", query))
    return sum(1 for match in names if match and match[1].lower() == name)
