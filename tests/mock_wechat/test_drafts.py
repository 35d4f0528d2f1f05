"""Drafts and what is published from them, by WeChat's documents 新增草稿, 发布草稿 and their neighbours."""

from typing import Any

import pytest

from .client import NOW, Client, FakeClock
from .files import PNG, add_material, upload

OK = {"errcode": 0, "errmsg": "ok"}


@pytest.fixture
def token(client: Client) -> str:
    value: str = client.token()["access_token"]
    return value


@pytest.fixture
def news(client: Client, token: str) -> dict[str, object]:
    return {"title": "标题", "content": "<p>Hello</p>", "thumb_media_id": add_material(client, token)["media_id"]}


def call(client: Client, token: str, path: str, **asked: object) -> Any:
    return client.post(f"/cgi-bin/{path}", asked, access_token=token)


def add(client: Client, token: str, *articles: object) -> Any:
    return call(client, token, "draft/add", articles=articles)


def test_draft_comes_back(client: Client, token: str, news: dict[str, object]) -> None:
    answer = add(client, token, news)
    assert list(answer) == ["media_id", "item"]
    draft = call(client, token, "draft/get", media_id=answer["media_id"])
    assert (draft["create_time"], draft["update_time"]) == (NOW, NOW)
    article = draft["news_item"][0]
    assert article.pop("url").startswith("http://mp.weixin.qq.com/s?")
    assert article.pop("thumb_url").startswith("http://mmbiz.qpic.cn/")
    assert article == news | {
        "article_type": "news",
        "author": "",
        "digest": "Hello",
        "content_source_url": "",
        "show_cover_pic": 1,
        "need_open_comment": 0,
        "only_fans_can_comment": 0,
    }


def test_slashes_of_a_draft_are_escaped(client: Client, token: str, news: dict[str, object]) -> None:
    query, asked = {"access_token": token}, {"media_id": add(client, token, news)["media_id"]}
    assert b'"content":"<p>Hello<\\/p>"' in client.raw("POST", "/cgi-bin/draft/get", params=query, json=asked).content


def test_pictures_have_the_first_as_cover(client: Client, token: str) -> None:
    ids = [add_material(client, token)["media_id"] for _ in range(2)]
    images = {"image_list": [{"image_media_id": media_id} for media_id in ids]}
    newspic = {"article_type": "newspic", "title": "t", "content": "c", "image_info": images}
    media_id = add(client, token, newspic)["media_id"]
    article = call(client, token, "draft/get", media_id=media_id)["news_item"][0]
    assert (article["thumb_media_id"], article["image_info"]) == (ids[0], images)


@pytest.mark.parametrize(
    ("change", "errcode"),
    [
        ({"title": ""}, 45003),
        ({"title": "题" * 33}, 45003),
        ({"author": "作" * 17}, 45110),
        ({"digest": "摘" * 129}, 45004),
        ({"content": ""}, 44004),
        ({"content": "x" * 20_000}, 45002),
        ({"content_source_url": "x" * 1025}, 41039),
        ({"thumb_media_id": "x"}, 40007),
        ({"thumb_media_id": None}, 40007),
        ({"article_type": "video"}, 40097),
        ({"article_type": "newspic"}, 40007),
        ({"article_type": "newspic", "image_info": {"image_list": [{"image_media_id": "x"}]}}, 40007),
        ({"article_type": "newspic", "image_info": {"image_list": ["x"]}}, 40007),
    ],
)
def test_wrong_article_is_named(
    client: Client, token: str, news: dict[str, object], change: dict[str, object], errcode: int
) -> None:
    assert add(client, token, news | change)["errcode"] == errcode


def test_cover_must_be_permanent(client: Client, token: str, news: dict[str, object]) -> None:
    temporary = upload(client, token, "image", PNG)["media_id"]
    assert add(client, token, news | {"thumb_media_id": temporary})["errcode"] == 40007


@pytest.mark.parametrize(("count", "errcode"), [(0, 44003), (9, 45008)])
def test_draft_has_one_to_eight_articles(
    client: Client, token: str, news: dict[str, object], count: int, errcode: int
) -> None:
    assert add(client, token, *[news] * count)["errcode"] == errcode
    assert call(client, token, "draft/add", articles="x")["errcode"] == 44003
    assert add(client, token, "x")["errcode"] == 47001


def test_article_is_replaced(client: Client, token: str, news: dict[str, object], clock: FakeClock) -> None:
    media_id = add(client, token, news, news)["media_id"]
    clock.advance(5)
    change = {"media_id": media_id, "articles": news | {"title": "new"}}
    assert call(client, token, "draft/update", index=1, **change) == OK
    draft = call(client, token, "draft/get", media_id=media_id)
    assert [(it["title"], it["digest"]) for it in draft["news_item"]] == [("标题", ""), ("new", "")]
    assert draft["update_time"] == NOW + 5
    assert call(client, token, "draft/update", index=2, **change)["errcode"] == 40114


def test_drafts_are_counted_and_listed_newest_first(client: Client, token: str, news: dict[str, object]) -> None:
    ids = [add(client, token, news | {"title": title})["media_id"] for title in "abc"]
    assert client.get("/cgi-bin/draft/count", access_token=token) == {"total_count": 3}
    page = call(client, token, "draft/batchget", offset=1, count=1, no_content=1)
    assert (page["total_count"], page["item_count"], page["item"][0]["media_id"]) == (3, 1, ids[1])
    assert "content" not in page["item"][0]["content"]["news_item"][0]
    assert call(client, token, "draft/batchget", offset=0, count=21)["errcode"] == 40097


def test_deleted_draft_is_gone(client: Client, token: str, news: dict[str, object]) -> None:
    media_id = add(client, token, news)["media_id"]
    assert call(client, token, "draft/delete", media_id=media_id) == OK
    for path in ("draft/get", "draft/delete", "draft/update", "freepublish/submit"):
        assert call(client, token, path, media_id=media_id)["errcode"] == 40007


def test_draft_is_published(client: Client, token: str, news: dict[str, object]) -> None:
    media_id = add(client, token, news, news)["media_id"]
    answer = call(client, token, "freepublish/submit", media_id=media_id)
    assert answer == OK | {"publish_id": answer["publish_id"], "msg_data_id": answer["msg_data_id"]}
    assert call(client, token, "draft/get", media_id=media_id)["errcode"] == 40007
    state = call(client, token, "freepublish/get", publish_id=str(answer["publish_id"]))
    assert list(state) == ["publish_id", "publish_status", "article_id", "article_detail", "fail_idx"]
    assert (state["publish_id"], state["publish_status"]) == (answer["publish_id"], 0)
    articles = call(client, token, "freepublish/getarticle", article_id=state["article_id"])["news_item"]
    assert [it["article_url"] for it in state["article_detail"]["item"]] == [it["url"] for it in articles]
    assert [it["title"] for it in articles] == ["标题", "标题"]
    listed = call(client, token, "freepublish/batchget", offset=0, count=1)
    assert (listed["total_count"], listed["item"][0]["article_id"]) == (1, state["article_id"])


def test_published_articles_are_deleted_one_by_one_or_all(client: Client, token: str, news: dict[str, object]) -> None:
    media_id = add(client, token, news, news)["media_id"]
    publish_id = call(client, token, "freepublish/submit", media_id=media_id)["publish_id"]
    article_id = call(client, token, "freepublish/get", publish_id=publish_id)["article_id"]

    def deleted() -> list[bool]:
        articles = call(client, token, "freepublish/getarticle", article_id=article_id)["news_item"]
        return [it["is_deleted"] for it in articles]

    assert deleted() == [False, False]
    assert call(client, token, "freepublish/delete", article_id=article_id, index=2) == OK
    assert deleted() == [False, True]
    assert call(client, token, "freepublish/delete", article_id=article_id, index=3)["errcode"] == 40114
    assert call(client, token, "freepublish/delete", article_id=article_id) == OK
    assert call(client, token, "freepublish/get", publish_id=publish_id)["publish_status"] == 5


def test_unknown_publications_are_named(client: Client, token: str, mini_token: str) -> None:
    answer = call(client, token, "freepublish/get", publish_id="1")
    assert (answer["errcode"], answer["errmsg"].partition(" rid")[0]) == (40002, "invalid argument")
    for path in ("freepublish/getarticle", "freepublish/delete"):
        assert call(client, token, path, article_id=["x"])["errcode"] == 53600
    assert call(client, mini_token, "freepublish/submit", media_id="x")["errcode"] == 48001
