"""Texts to check, and what a caller may ask for."""

from typing import NamedTuple

from ..accounts import Account, OnUnavailable
from ..errors import TextTooLong
from ..moderation import STRICTNESS, Text
from ..services import current_services
from . import schemas
from .errors import ParameterWrong
from .reading import checked


class Asked(NamedTuple):
    """A text, and what to answer where WeChat gives no verdict on it."""

    text: Text
    on_unavailable: OnUnavailable


def asked(given: schemas.moderation.Text, account: Account) -> Asked:
    """What is to be checked. Raises ParameterWrong or TextTooLong."""
    on_unavailable = stricter(given.on_unavailable, account)
    text = Text(given.content, given.openid, given.scene, given.beside)
    limit = current_services().settings.max_text_characters
    if text.characters > limit:
        raise TextTooLong(f"The text has {text.characters} characters; at most {limit} are checked at once.")
    return Asked(text, on_unavailable)


def one_of_many(item: object, account: Account) -> Asked | Exception:
    """The same for a text of a batch, or what is wrong with it: the others are checked all the same."""
    if not isinstance(item, dict):
        return ParameterWrong("An item must be a JSON object.")
    try:
        return asked(checked(schemas.moderation.Text, item), account)
    except (ParameterWrong, TextTooLong) as error:
        return error


def stricter(given: OnUnavailable | None, account: Account) -> OnUnavailable:
    """What the caller wants where WeChat gives no verdict: the account's own, or a stricter one."""
    own = account.moderation.on_unavailable
    allowed = STRICTNESS[STRICTNESS.index(own) :]
    if given is None or given in allowed:
        return given or own
    raise ParameterWrong(
        f"The parameter on_unavailable must be one of {', '.join(allowed)}: as the account has it, or stricter "
        "(error is stricter than review, review than pass)."
    )
