"""The users of the mock, their openids, and the control calls that show and change them."""

from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, WEB, MockWeChat
from mock_wechat.state.users import PEOPLE

from .client import Client, FakeClock


def users(client: Client) -> Any:
    return client.get("/_mock/users")["users"]


def log_in(mock: MockWeChat, client: Client, openid: str | None = None) -> None:
    asked = {"appid": MINI.appid, "secret": MINI.secret, "grant_type": "authorization_code"}
    client.get("/sns/jscode2session", **asked, js_code=mock.js_code(openid=openid))


def state_of(client: Client, position: int = 0) -> str:
    state: str = users(client)[position]["openids"][MINI.appid]["state"]
    return state


def test_users_are_shown_with_their_ids(client: Client) -> None:
    first = users(client)[0]
    openids = first.pop("openids")
    assert list(openids) == [OFFICIAL.appid, MINI.appid, WEB.appid]
    assert all(len(it["openid"]) == 28 and it["openid"][0] == "o" and it["state"] == "known" for it in openids.values())
    unionid = first.pop("unionid")
    assert len({unionid, *(it["openid"] for it in openids.values())}) == 4
    assert first == {
        "name": "zhangsan", "nickname": "张三", "phone": "13800000001", "headimgurl": "", "holds_phone": True,
        "calls_back_twice": False,
    }  # fmt: skip
    assert [user["name"] for user in users(client)] == [user.name for user in PEOPLE]


def test_ids_repeat_in_every_mock() -> None:
    one, other = MockWeChat(seed=1), MockWeChat(seed=2)
    assert one.openid(MINI.appid) == other.openid(MINI.appid) == "o-SfqYy-k0DurzOt87NQ_J8ZO1ZM"
    assert one.openid(MINI.appid, "lisi") != one.openid(MINI.appid)
    with pytest.raises(ValueError, match="name must be one of zhangsan, lisi, alice"):
        one.openid(MINI.appid, "unknown")


def test_user_is_added_and_changed(mock: MockWeChat, client: Client) -> None:
    added = client.post("/_mock/users", {"name": "wang", "nickname": "王五"})
    assert (added["nickname"], added["phone"], added["holds_phone"]) == ("王五", "13800000000", False)
    mock.set_user("wang", phone="13900000000", holds_phone=True)
    assert [user["name"] for user in users(client) if user["holds_phone"]] == ["wang"]
    assert users(client)[3] == {**added, "phone": "13900000000", "holds_phone": True}
    mock.reset()
    assert [user["name"] for user in users(client)] == [user.name for user in PEOPLE]
    assert users(client)[0]["holds_phone"]


def test_user_is_active_before_and_after_logins(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    clock.advance(86_400)
    assert state_of(client) == "known"
    log_in(mock, client)
    clock.advance(7199)
    assert state_of(client) == "known"
    clock.advance(1)
    assert state_of(client) == "inactive"
    assert state_of(client, 1) == "known"
    log_in(mock, client)
    assert state_of(client) == "known"


def test_state_of_an_openid_is_set(mock: MockWeChat, client: Client) -> None:
    openid = mock.openid(MINI.appid)
    for state in ("inactive", "foreign", "known"):
        answer = client.post("/_mock/openids", {"appid": MINI.appid, "openid": openid, "state": state})
        assert answer == {"appid": MINI.appid, "openid": openid, "state": state}
        assert state_of(client) == state
    mock.set_openid(MINI.appid, openid, "inactive")
    log_in(mock, client)
    assert state_of(client) == "known"
