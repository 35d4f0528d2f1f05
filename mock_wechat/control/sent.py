"""Control calls about what accounts sent: messages, menus, templates, and users' consent to subscription messages."""

from collections.abc import Mapping
from typing import get_args

from ..fields import Fields, WrongField, count, one_of, or_null, text, whole
from ..state import State
from ..state.accounts import known_account
from ..state.sent import SentKind
from ..state.templates import Template
from .action import Action, without_fields


def show_sent(state: State, given: Fields) -> Mapping[str, object]:
    appid = given.may("appid", one_of(*state.accounts), None)
    kind = given.may("kind", one_of(*get_args(SentKind)), None)
    after = given.may("after", count, 0)
    newest = given.may("newest", count, None)
    given.done()
    return {"sent": state.sent.find(appid, kind, after, newest), "last_id": state.sent.last_id}


def show_menus(state: State) -> object:
    menus = {appid: state.menus.get(appid) for appid in state.accounts}
    return {"menus": {appid: None if menu is None else {"button": menu} for appid, menu in menus.items()}}


def show_templates(state: State) -> object:
    return {
        "templates": {account.appid: list(state.templates.of(account).values()) for account in state.accounts.values()}
    }


def add_template(state: State, given: Fields) -> Mapping[str, str]:
    """Give an account a template, under the id that the tested code uses if it is given."""
    account = known_account(state.accounts, given)
    template = Template(
        id=given.may("template_id", text, ""), title=given.need("title", text), content=given.need("content", text)
    )
    given.done()
    return {"appid": account.appid, "template_id": state.templates.add(account, template).id}


def set_subscription(state: State, given: Fields) -> object:
    """How many messages of a template, or of all, a user accepts; null is any number."""
    account = known_account(state.accounts, given)
    if account.kind != "mini":
        raise WrongField("appid", f"{account.appid} is not a mini program")
    openid = given.need("openid", text)
    template_id = given.may("template_id", one_of(*state.templates.of(account)), None)
    left = given.need("left", or_null(whole(0)))
    given.done()
    state.subscriptions.set(account.appid, openid, template_id, left)
    return {"appid": account.appid, "openid": openid, "template_id": template_id, "left": left}


ACTIONS: dict[str, dict[str, Action]] = {
    "/sent": {"GET": show_sent},
    "/menus": {"GET": without_fields(show_menus)},
    "/templates": {"GET": without_fields(show_templates), "POST": add_template},
    "/subscriptions": {"POST": set_subscription},
}
