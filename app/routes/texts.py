"""A text to check, as a caller writes it in JSON."""

import re
from collections.abc import Mapping
from typing import Any, NamedTuple

from ..accounts import Account, OnUnavailable
from ..exceptions import TextTooLong
from ..moderation import COMMENT, MOST_CHARACTERS_BESIDE, SCENES, STRICTNESS, Text, cleaned
from .parameters import any_text
from .refusals import ParameterWrong

BESIDE = ("title", "nickname", "signature")
FIELDS = ("content", "openid", "scene", *BESIDE, "on_unavailable")

WRONG = (ParameterWrong, TextTooLong)
"""what `asked` raises"""

_OPENID = re.compile(r"[!-~]{1,128}", re.ASCII)


class Asked(NamedTuple):
    """A text, and what to answer where WeChat gives no verdict on it."""

    text: Text
    on_unavailable: OnUnavailable


def asked(given: Mapping[str, Any], account: Account, most_characters: int) -> Asked:
    """What is to be checked. Raises ParameterWrong, and TextTooLong over `most_characters`."""
    on_unavailable = stricter(given.get("on_unavailable"), account)
    if "content" not in given:
        raise ParameterWrong("The parameter content is missing.")
    beside = {name: _beside(name, given[name]) for name in BESIDE if name in given}
    text = Text(_written("content", given["content"]), _openid(given), _scene(given), beside)
    if text.characters > most_characters:
        raise TextTooLong(f"The text has {text.characters} characters; at most {most_characters} are checked at once.")
    return Asked(text, on_unavailable)


def stricter(given: object, account: Account) -> OnUnavailable:
    """What the caller wants where WeChat gives no verdict: the account's own, or a stricter one."""
    own = account.moderation.on_unavailable
    allowed = STRICTNESS[STRICTNESS.index(own) :]
    if given is None:
        return own
    if given not in allowed:
        raise ParameterWrong(
            f"The parameter on_unavailable must be one of {', '.join(allowed)}: as the account has it, or stricter "
            "(error is stricter than review, review than pass)."
        )
    return given


def _written(name: str, value: object) -> str:
    text = cleaned(any_text(name, value))
    if not text.strip():
        raise ParameterWrong(f"The parameter {name} is empty: it has nothing that can be seen.")
    return text


def _beside(name: str, value: object) -> str:
    text = _written(name, value)
    if len(text) > MOST_CHARACTERS_BESIDE:
        raise ParameterWrong(f"The parameter {name} may have at most {MOST_CHARACTERS_BESIDE} characters.")
    return text


def _openid(given: Mapping[str, Any]) -> str | None:
    if "openid" not in given:
        return None
    openid = any_text("openid", given["openid"])
    if not _OPENID.fullmatch(openid):
        raise ParameterWrong("The parameter openid must be what wx.login gives: up to 128 letters, digits and signs.")
    return openid


def _scene(given: Mapping[str, Any]) -> int:
    scene = given.get("scene", COMMENT)
    if type(scene) is not int or scene not in SCENES:
        raise ParameterWrong(f"The parameter scene must be one of {', '.join(map(str, SCENES))}, a number.")
    return scene
