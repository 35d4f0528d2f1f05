"""The menu of an official account (自定义菜单)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import WeChatError
from ..state.accounts import Account
from .asked import OK, body, check_linked, filled, media_id, within
from .exchange import Endpoint, Exchange

MOST_BUTTONS = 3
MOST_SUB_BUTTONS = 5
KEY_BYTES = 128
URL_BYTES = 1024
FIELDS = ("type", "name", "key", "url", "media_id", "appid", "pagepath", "article_id")


@dataclass(frozen=True)
class _Level:
    """The length of a button's name in bytes, and the errcodes of a wrong button."""

    name_bytes: int
    type: int
    name: int
    key: int
    url: int
    domain: int
    media: int


_TOP = _Level(16, type=40017, name=40018, key=40019, url=40020, domain=40055, media=40117)
_SUB = _Level(60, type=40024, name=40025, key=40026, url=40027, domain=40054, media=40118)


@dataclass(frozen=True)
class _Button:
    """A button of the request."""

    exchange: Exchange
    account: Account
    asked: Mapping[str, object]
    level: _Level

    def need_key(self) -> None:
        within(self.asked, "key", KEY_BYTES, self.level.key)

    def need_url(self) -> None:
        url = within(self.asked, "url", URL_BYTES, self.level.url)
        if not url.lower().startswith(("http://", "https://")):
            raise WeChatError(self.level.domain)

    def need_media(self) -> None:
        filled(self.asked, "media_id", self.level.media)
        media_id(self.exchange, self.account, self.asked)

    def need_page(self) -> None:
        """A page of a linked mini program."""
        self.need_url()
        appid = filled(self.asked, "appid", 40166)
        filled(self.asked, "pagepath", 40165)
        check_linked(self.exchange, appid, 45064)


_KEYED = ("click", "scancode_push", "scancode_waitmsg", "pic_sysphoto", "pic_photo_or_album", "pic_weixin")
_NEEDS: Mapping[str, Callable[[_Button], object]] = {
    **dict.fromkeys((*_KEYED, "location_select"), _Button.need_key),
    "view": _Button.need_url,
    "miniprogram": _Button.need_page,
    **dict.fromkeys(("media_id", "view_limited"), _Button.need_media),
    **dict.fromkeys(
        ("article_id", "article_view_limited"), lambda button: filled(button.asked, "article_id", button.level.media)
    ),
}
"""What each type of button needs. The errcode of a missing article_id is assumed."""


def create(exchange: Exchange) -> dict[str, object]:
    """Replace the menu. Raises WeChatError for the first wrong button."""
    account = exchange.counted_caller("official")
    buttons = body(exchange).get("button")
    if not isinstance(buttons, list) or not 1 <= len(buttons) <= MOST_BUTTONS:
        raise WeChatError(40016)
    exchange.state.menus[account.appid] = [_read(exchange, account, button, _TOP) for button in buttons]
    return OK


def _read(exchange: Exchange, account: Account, asked: object, level: _Level) -> dict[str, object]:
    """A button with its known fields, and with its sub-buttons, as menu/get shows it."""
    if not isinstance(asked, dict):
        raise WeChatError(level.type)
    within(asked, "name", level.name_bytes, level.name)
    subs = asked.get("sub_button") or []
    if not isinstance(subs, list) or len(subs) > MOST_SUB_BUTTONS:
        raise WeChatError(40023)
    if subs:
        if level is _SUB:
            raise WeChatError(40022)
        read = [_read(exchange, account, sub, _SUB) for sub in subs]
        return {"name": asked["name"], "sub_button": read}
    kind = asked.get("type")
    if not isinstance(kind, str) or kind not in _NEEDS:
        raise WeChatError(level.type)
    _NEEDS[kind](_Button(exchange, account, asked, level))
    return {name: asked[name] for name in FIELDS if name in asked} | {"sub_button": []}


def show(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    if account.appid not in exchange.state.menus:
        raise WeChatError(46003)
    return {"menu": {"button": exchange.state.menus[account.appid]}}


def delete(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    exchange.state.menus.pop(account.appid, None)
    return OK


def show_current(exchange: Exchange) -> dict[str, object]:
    """The menu in another form. The answer without a menu is assumed."""
    account = exchange.counted_caller("official")
    menu = exchange.state.menus.get(account.appid)
    shown = [_current(button) for button in menu or []]
    return {"is_menu_open": 0 if menu is None else 1, "selfmenu_info": {"button": shown}}


def _current(button: Mapping[str, object]) -> dict[str, object]:
    fields = {name: value for name, value in button.items() if name != "sub_button"}
    subs = button["sub_button"]
    return fields | (
        {"sub_button": {"list": [_current(sub) for sub in subs]}} if isinstance(subs, list) and subs else {}
    )


ENDPOINTS = (
    Endpoint("/cgi-bin/menu/create", "POST", create),
    Endpoint("/cgi-bin/menu/get", "GET", show, escapes_slashes=True),
    Endpoint("/cgi-bin/menu/delete", "GET", delete),
    Endpoint("/cgi-bin/get_current_selfmenu_info", "GET", show_current, escapes_slashes=True),
)
