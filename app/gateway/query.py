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
    """The query with its access_token replaced by `token`, or with `token` added."""
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
        if name == _TOKEN:
            raise refusal("two tokens")
        raise GatewayRefusal(40097, f"invalid args, gateway: the query has several {name}, or one in an odd spelling")
    return values[0] if values else None


def replaced(query: str, name: str, new: str) -> str:
    """The query with the parameter's value replaced, or the parameter added. Raises GatewayRefusal as `value`."""
    pair = f"{name}={quote(new, safe='')}"
    if value(query, name) is None:
        return f"{query}&{pair}" if query else pair
    return "&".join(pair if _name(each) == name else each for each in query.split("&"))


def check_secrets(query: str, taken: str | None = None) -> None:
    """Raise GatewayRefusal for an AppSecret, which is an API key here: it must not reach WeChat.

    `taken` names the path's own secret, which is replaced.
    """
    for name in _SECRETS:
        if name != taken and _alike(query, name):
            raise unauthorized(f"this path takes no {name}")


def _name(pair: str) -> str:
    return unquote_plus(pair.partition("=")[0])


def _alike(query: str, name: str) -> int:
    """How many parameters some parser could take for this one; how WeChat's parses is unknown.

    They may be encoded twice, separated by `;`, in upper case, cut at a NUL or a bracket, or have spaces around.
    """
    names = (_WORD.match(unquote_plus(_name(pair))) for pair in re.split("[&;]", query))
    return sum(1 for match in names if match and match[1].lower() == name)
