"""The menu of an official account (自定义菜单)."""

from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, WEB, MockWeChat

from .client import Client
from .files import store

OK = {"errcode": 0, "errmsg": "ok"}
CREATE, GET, DELETE = (f"/cgi-bin/menu/{name}" for name in ("create", "get", "delete"))
CURRENT = "/cgi-bin/get_current_selfmenu_info"
SONG = {"type": "click", "name": "今日歌曲", "key": "V1001_TODAY_MUSIC"}
SEARCH = {"type": "view", "name": "搜索", "url": "http://www.soso.com/"}
APP = {"type": "miniprogram", "name": "wxa", "url": "http://localhost/", "appid": MINI.appid, "pagepath": "pages/index"}
MORE = {"name": "菜单", "sub_button": [SEARCH, APP]}


@pytest.fixture
def ask(client: Client) -> Any:
    token = client.token()["access_token"]
    return lambda path, *menu: client.raw(
        "POST" if menu else "GET", path, params={"access_token": token}, json=menu[0] if menu else None
    ).json()


def test_menu_is_created_shown_and_deleted(client: Client, ask: Any) -> None:
    assert ask(GET)["errmsg"].startswith("menu no exist rid: ")
    assert ask(CURRENT) == {"is_menu_open": 0, "selfmenu_info": {"button": []}}
    assert ask(CREATE, {"button": [SONG, {**MORE, "type": "click"}]}) == OK
    leaf: dict[str, object] = {"sub_button": []}
    shown = [SONG | leaf, {"name": "菜单", "sub_button": [SEARCH | leaf, APP | leaf]}]
    assert ask(GET) == {"menu": {"button": shown}}
    assert client.get("/_mock/menus") == {
        "menus": {OFFICIAL.appid: {"button": shown}, MINI.appid: None, WEB.appid: None}
    }
    current = [SONG, {"name": "菜单", "sub_button": {"list": [SEARCH, APP]}}]
    assert ask(CURRENT) == {"is_menu_open": 1, "selfmenu_info": {"button": current}}
    assert ask(CREATE, {"button": [SEARCH]}) == OK
    assert ask(GET) == {"menu": {"button": [SEARCH | leaf]}}
    assert ask(DELETE) == ask(DELETE) == OK
    assert ask(GET)["errcode"] == 46003


MENUS: list[tuple[object, int]] = [
    *[({"button": buttons}, 40016) for buttons in ([], [SONG] * 4, None, {"list": [SONG]})],
    ({"button": [{"name": "a", "sub_button": [SONG] * 6}]}, 40023),
    ({"button": [{"name": "a", "sub_button": {"list": [SONG]}}]}, 40023),
    ({"button": [{"name": "a", "sub_button": [MORE]}]}, 40022),
    ({"button": [{**SONG, "name": "中" * 5 + "a"}, {**SONG, "name": "a" * 16}]}, 0),
    ({"button": [{"name": "a", "sub_button": [{**SONG, "name": "中" * 20}]}]}, 0),
    ({"button": [{**SONG, "key": "k" * 128}]}, 0),
    ({"button": [{**SEARCH, "url": "http://" + "u" * 1017}]}, 0),
]


def test_menu_has_limits(ask: Any) -> None:
    for menu, errcode in MENUS:
        ask(DELETE)
        assert (ask(CREATE, menu)["errcode"], "menu" in ask(GET)) == (errcode, errcode == 0), menu


BUTTONS: list[tuple[object, int, int]] = [
    (SONG, 0, 0),
    ("button", 40017, 40024),
    ({**SONG, "type": "tap"}, 40017, 40024),
    ({**SONG, "type": None}, 40017, 40024),
    ({**SONG, "name": ""}, 40018, 40025),
    ({**SONG, "name": 5}, 40018, 40025),
    ({**SONG, "name": "中" * 6}, 40018, 0),
    ({**SONG, "name": "a" * 61}, 40018, 40025),
    *[({**SONG, "type": kind, "key": ""}, 40019, 40026) for kind in ("click", "scancode_push", "location_select")],
    ({**SONG, "key": "k" * 129}, 40019, 40026),
    ({**SEARCH, "url": ""}, 40020, 40027),
    ({**SEARCH, "url": "http://" + "u" * 1018}, 40020, 40027),
    ({**SEARCH, "url": "www.soso.com"}, 40055, 40054),
    *[({"type": kind, "name": "a"}, 40117, 40118) for kind in ("media_id", "view_limited", "article_id")],
    ({"type": "media_id", "name": "a", "media_id": "M"}, 0, 0),
    ({"type": "media_id", "name": "a", "media_id": "unknown"}, 40007, 40007),
    ({**APP, "url": None}, 40020, 40027),
    ({**APP, "appid": ""}, 40166, 40166),
    ({**APP, "pagepath": None}, 40165, 40165),
    ({**APP, "appid": OFFICIAL.appid}, 45064, 45064),
]
"""Buttons, and their errcodes in the bar and below a button of it."""


def test_wrong_button_is_refused(mock: MockWeChat, ask: Any) -> None:
    store(mock, OFFICIAL.appid, "M")
    for button, top, sub in BUTTONS:
        assert ask(CREATE, {"button": [SONG, button]})["errcode"] == top, button
        assert ask(CREATE, {"button": [{"name": "a", "sub_button": [button]}]})["errcode"] == sub, button


def test_addresses_are_shown_with_escaped_slashes(client: Client, ask: Any) -> None:
    ask(CREATE, {"button": [SEARCH]})
    for path in (GET, CURRENT):
        shown = client.raw("GET", path, params={"access_token": client.token()["access_token"]}).text
        assert '"url":"http:\\/\\/www.soso.com\\/"' in shown


def test_menu_of_an_account_survives_a_wrong_one(mock: MockWeChat, ask: Any) -> None:
    ask(CREATE, {"button": [SONG]})
    ask(CREATE, {"button": [{**SONG, "name": "新"}, {}]})
    assert ask(GET)["menu"]["button"][0]["name"] == "今日歌曲"
    mock.reset()
    assert mock._state.menus == {}
