"""Followers and their tags (用户管理, 标签管理)."""

from typing import Any

import pytest

from mock_wechat import MINI, OFFICIAL, MockWeChat

from .client import NOW, Client

OK = {"errcode": 0, "errmsg": "ok"}
INFO, LIST, BATCH = "/cgi-bin/user/info", "/cgi-bin/user/get", "/cgi-bin/user/info/batchget"
REMARK = "/cgi-bin/user/info/updateremark"
TAG, UNTAG = "/cgi-bin/tags/members/batchtagging", "/cgi-bin/tags/members/batchuntagging"
FANS, OWN = "/cgi-bin/user/tag/get", "/cgi-bin/tags/getidlist"


class Fans:
    """The official account and its users: zhangsan, lisi and alice follow."""

    def __init__(self, mock: MockWeChat, client: Client) -> None:
        self._client = client
        self._token = client.token()["access_token"]
        self.openids = [mock.openid(OFFICIAL.appid, name) for name in ("zhangsan", "lisi", "alice")]
        self.followers = mock._state.followers

    def get(self, path: str, **query: object) -> Any:
        return self._client.get(path, access_token=self._token, **query)

    def post(self, path: str, asked: object) -> Any:
        return self._client.post(path, asked, access_token=self._token)

    def tag(self, name: str = "广东") -> Any:
        return self.post("/cgi-bin/tags/create", {"tag": {"name": name}})

    def leave(self, openid: str) -> None:
        self.followers.unfollow(OFFICIAL.appid, openid)

    def follow(self, openid: str, now: float = NOW, **how: Any) -> None:
        self.followers.follow(OFFICIAL.appid, openid, now, **how)


@pytest.fixture
def fans(mock: MockWeChat, client: Client) -> Fans:
    return Fans(mock, client)


def test_user_info_has_blank_names_and_places(fans: Fans, mock: MockWeChat) -> None:
    """In the order of captures of 2022."""
    answer = fans.get(INFO, openid=fans.openids[0])
    unionid = answer.pop("unionid")
    assert unionid == mock._state.users.people["zhangsan"].unionid
    assert list(answer.items()) == list({
        "subscribe": 1, "openid": fans.openids[0], "nickname": "", "sex": 0, "language": "zh_CN", "city": "",
        "province": "", "country": "", "headimgurl": "", "subscribe_time": NOW, "remark": "", "groupid": 0,
        "tagid_list": [], "subscribe_scene": "ADD_SCENE_SEARCH", "qr_scene": 0, "qr_scene_str": "",
    }.items())  # fmt: skip
    assert fans.get(INFO, openid=fans.openids[0], lang="en")["language"] == "en"
    mock.add_account(OFFICIAL.appid, OFFICIAL.secret, open_platform=False)
    assert "unionid" not in fans.get(INFO, openid=fans.openids[0])


def test_who_left_has_only_ids(fans: Fans) -> None:
    fans.leave(fans.openids[0])
    answer = fans.get(INFO, openid=fans.openids[0])
    assert list(answer) == ["subscribe", "openid", "unionid", "tagid_list"]
    assert (answer["subscribe"], answer["tagid_list"]) == (0, [])


def test_who_follows_again_begins_anew(fans: Fans) -> None:
    user = fans.openids[0]
    fans.post(REMARK, {"openid": user, "remark": "old"})
    fans.follow(user, NOW + 1)
    assert fans.get(INFO, openid=user)["remark"] == "old"  # followed already
    fans.leave(user)
    fans.follow(user, NOW + 5.5, scene="ADD_SCENE_QR_CODE", qr_scene=98765, qr_text="shop")
    answer = fans.get(INFO, openid=user)
    assert (answer["subscribe"], answer["subscribe_time"], answer["remark"]) == (1, NOW + 5, "")
    shown = [answer[name] for name in ("subscribe_scene", "qr_scene", "qr_scene_str")]
    assert shown == ["ADD_SCENE_QR_CODE", 98765, "shop"]


def test_user_info_needs_a_user_of_the_account(fans: Fans, mock: MockWeChat) -> None:
    assert fans.get(INFO)["errcode"] == 41009
    assert fans.get(INFO, openid="o1")["errcode"] == 40003
    assert fans.get(INFO, openid=mock.openid(MINI.appid))["errcode"] == 40003


def test_batch_takes_100_users(fans: Fans) -> None:
    fans.leave(fans.openids[1])
    asked = [{"openid": openid, "lang": "zh_TW"} for openid in fans.openids]
    found = fans.post(BATCH, {"user_list": asked})["user_info_list"]
    assert [(user["openid"], user["subscribe"]) for user in found] == list(zip(fans.openids, (1, 0, 1), strict=True))
    assert found[0]["language"] == "zh_TW"
    assert len(fans.post(BATCH, {"user_list": asked[:1] * 100})["user_info_list"]) == 100
    wrong: list[tuple[object, int]] = [(asked[:1] * 101, 40032), ([], 40032), (None, 40032)]
    for users, errcode in [*wrong, (["o1"], 40003), ([{}], 40003)]:
        assert fans.post(BATCH, {"user_list": users})["errcode"] == errcode


def test_followers_are_listed_behind_next_openid(fans: Fans) -> None:
    openids = fans.openids
    fans.leave(openids[0])
    fans.follow(openids[0], NOW + 1)
    order = [openids[1], openids[2], openids[0]]
    whole = {"total": 3, "count": 3, "data": {"openid": order}, "next_openid": order[2]}
    assert fans.get(LIST) == fans.get(LIST, next_openid="") == whole
    assert fans.get(LIST, next_openid=order[0]) == {**whole, "count": 2, "data": {"openid": order[1:]}}
    assert fans.get(LIST, next_openid=order[2]) == {"total": 3, "count": 0, "next_openid": ""}
    assert fans.get(LIST, next_openid="o1")["errcode"] == 40003


def test_page_has_10000_followers(fans: Fans) -> None:
    for number in range(10_000):
        fans.follow(f"o{number}", NOW + 1)
    first = fans.get(LIST)
    assert (first["total"], first["count"], first["next_openid"]) == (10_003, 10_000, "o9996")
    assert fans.get(LIST, next_openid="o9996")["data"]["openid"] == ["o9997", "o9998", "o9999"]


def test_declared_openid_follows(fans: Fans, mock: MockWeChat) -> None:
    assert fans.get(LIST)["total"] == 3
    mock.set_openid(OFFICIAL.appid, "o-invented", "known")
    mock.set_openid(OFFICIAL.appid, fans.openids[0], "foreign")
    assert fans.get(LIST)["data"]["openid"] == [*fans.openids[1:], "o-invented"]
    assert fans.get(INFO, openid="o-invented")["subscribe"] == 1


def test_remark_is_shorter_than_30_bytes(fans: Fans) -> None:
    user = fans.openids[0]
    assert fans.post(REMARK, {"openid": user, "remark": "中" * 9 + "ab"}) == OK
    assert fans.get(INFO, openid=user)["remark"] == "中" * 9 + "ab"
    for remark in ("中" * 10, None, 5):
        assert fans.post(REMARK, {"openid": user, "remark": remark})["errcode"] == 40092
    assert fans.post(REMARK, {"openid": user, "remark": ""}) == OK
    fans.leave(user)
    assert fans.post(REMARK, {"openid": user, "remark": "a"})["errcode"] == 40003


def test_tags_are_counted(fans: Fans) -> None:
    assert fans.tag() == {"tag": {"id": 100, "name": "广东"}}
    assert fans.post(TAG, {"openid_list": [*fans.openids[:2], fans.openids[0]], "tagid": 100}) == OK
    starred = {"id": 2, "name": "星标组", "count": 0}
    assert fans.get("/cgi-bin/tags/get") == {"tags": [starred, {"id": 100, "name": "广东", "count": 2}]}
    assert fans.post(OWN, {"openid": fans.openids[0]}) == {"tagid_list": [100]}
    assert fans.get(INFO, openid=fans.openids[0])["groupid"] == 100
    listed = {"count": 2, "data": {"openid": fans.openids[:2]}, "next_openid": fans.openids[1]}
    assert fans.post(FANS, {"tagid": 100, "next_openid": ""}) == listed
    assert fans.post(FANS, {"tagid": 100, "next_openid": fans.openids[0]})["data"]["openid"] == fans.openids[1:2]
    assert fans.post(UNTAG, {"openid_list": fans.openids[:1], "tagid": 100}) == OK
    assert fans.post(OWN, {"openid": fans.openids[0]}) == {"tagid_list": []}
    fans.leave(fans.openids[1])
    assert fans.post(FANS, {"tagid": 100}) == {"count": 0}


def test_tags_are_renamed_and_deleted(fans: Fans) -> None:
    fans.tag()
    fans.post(TAG, {"openid_list": fans.openids, "tagid": 100})
    assert fans.post("/cgi-bin/tags/update", {"tag": {"id": 100, "name": "广东人"}}) == OK
    assert fans.post("/cgi-bin/tags/update", {"tag": {"id": 100, "name": "广东人"}}) == OK
    assert fans.get("/cgi-bin/tags/get")["tags"][1] == {"id": 100, "name": "广东人", "count": 3}
    assert fans.post("/cgi-bin/tags/delete", {"tag": {"id": 100}}) == OK
    assert fans.post(OWN, {"openid": fans.openids[0]}) == {"tagid_list": []}
    assert fans.tag("新")["tag"]["id"] == 101


NO_TAGS: tuple[object, ...] = (999, "100", None, [], 10**400)
WRONG_TAGS: list[tuple[str, object, int | None]] = [
    *[("create", {"tag": {"name": name}}, 45157) for name in ("广东", "星标组", "", None, 5)],
    ("create", {"tag": {"name": "中" * 10 + "a"}}, 45158),
    ("create", {"tag": {"name": "中" * 10}}, None),
    ("create", {"tag": "广东"}, 47001),
    ("update", {"tag": {"id": 100, "name": "星标组"}}, 45157),
    ("update", {"tag": {"id": 100, "name": "a" * 31}}, 45158),
    *[(path, {"tag": {"id": tag, "name": "a"}}, 45058) for path in ("update", "delete") for tag in (0, 1, 2)],
    *[(path, {"tag": {"id": tag, "name": "a"}}, 45159) for path in ("update", "delete") for tag in NO_TAGS],
    *[
        (path, {"openid_list": openids, "tagid": 100}, errcode)
        for path in ("members/batchtagging", "members/batchuntagging")
        for openids, errcode in [([], 40032), (None, 40032), (["o1"] * 51, 40032), (["o1"], 40003), ([5], 40003)]
    ],
    ("members/batchtagging", {"openid_list": ["o1"], "tagid": 999}, 45159),
    ("members/batchtagging", {"openid_list": ["o1"], "tagid": "100"}, 45159),
    ("getidlist", {"openid": "o1"}, 40003),
    ("getidlist", {}, 40003),
]


def test_wrong_tag_is_refused(fans: Fans) -> None:
    fans.tag()
    for path, asked, errcode in WRONG_TAGS:
        assert fans.post(f"/cgi-bin/tags/{path}", asked).get("errcode") == errcode, (path, asked)


def test_tags_are_of_the_account(fans: Fans, mock: MockWeChat) -> None:
    fans.tag()
    foreign = mock.openid(MINI.appid)
    assert fans.post(TAG, {"openid_list": [*fans.openids, foreign], "tagid": 100})["errcode"] == 49003
    assert fans.post(OWN, {"openid": fans.openids[0]}) == {"tagid_list": []}  # all or none
    assert fans.post(OWN, {"openid": foreign})["errcode"] == 49003
    assert fans.post(FANS, {"tagid": 101})["errcode"] == 45159


def test_account_has_100_tags_and_a_follower_20(fans: Fans, mock: MockWeChat) -> None:
    made = [mock._state.tags.create(OFFICIAL.appid, f"t{number}") for number in range(98)]
    made.append(fans.tag("the last")["tag"]["id"])
    assert fans.tag("one more")["errcode"] == 45056
    asked = [{"openid_list": fans.openids[:1], "tagid": tag} for tag in made[:21]]
    assert [fans.post(TAG, each)["errcode"] for each in asked] == [0] * 20 + [45059]
    assert fans.post(TAG, asked[0]) == OK  # has it already
