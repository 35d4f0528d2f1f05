"""What a control call is made of, and the account that most of them name."""

from collections.abc import Callable

from ..accounts import Account
from ..fields import Fields, WrongField, text
from ..state import State

Steer = Callable[[State, Fields], object]
"""From a call's fields to its answer. Raises WrongField."""


def known_account(state: State, given: Fields) -> Account:
    """The account that the field `appid` names. Raises WrongField."""
    return _account(state, given.need("appid", text))


def named_account(state: State, given: Fields) -> Account | None:
    """The same where `appid` may be left out."""
    appid = given.may("appid", text, None)
    return None if appid is None else _account(state, appid)


def _account(state: State, appid: str) -> Account:
    if appid not in state.accounts:
        raise WrongField("appid", f"appid {appid} is none of {', '.join(state.accounts)}")
    return state.accounts[appid]
