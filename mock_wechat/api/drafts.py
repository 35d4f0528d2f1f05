"""/cgi-bin/draft/*: drafts of articles (documents 新增草稿, 更新草稿, 获取草稿详情 ...)."""

import re

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.drafts import Article, Draft
from .asked import OK, body
from .exchange import Endpoint, Exchange
from .forms import page_of, text_of, whole_of

TYPES = ("news", "newspic")
MAX_ARTICLES = 8
MAX_IMAGES = 20
MAX_CONTENT = 20_000
"""Characters; a content must have fewer."""
DIGEST = 54
"""How many characters of the content become the digest if none is given."""
LIMITS = (("title", 32, 45003), ("author", 16, 45110), ("digest", 128, 45004), ("content_source_url", 1024, 41039))
"""Fields, their maximum length in characters, and the errcode for more."""

_TAG = re.compile(r"<[^>]*>")


def add(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    articles = body(exchange).get("articles")
    if not isinstance(articles, list) or not articles:
        raise WeChatError(44003)
    if len(articles) > MAX_ARTICLES:
        raise WeChatError(45008)
    checked = [_article(exchange, account, given, alone=len(articles) == 1) for given in articles]
    return {"media_id": exchange.state.drafts.add(account.appid, checked, exchange.now).id, "item": []}


def update(exchange: Exchange) -> dict[str, object]:
    """Replace one article."""
    draft, account = _asked(exchange)
    asked = body(exchange)
    index = whole_of(asked, "index", -1)
    if not 0 <= index < len(draft.articles):
        raise WeChatError(40114)
    draft.articles[index] = _article(exchange, account, asked.get("articles"), alone=len(draft.articles) == 1)
    draft.updated_at = int(exchange.now)
    return OK


def get(exchange: Exchange) -> dict[str, object]:
    draft, _ = _asked(exchange)
    return content(draft)


def delete(exchange: Exchange) -> dict[str, object]:
    draft, _ = _asked(exchange)
    exchange.state.drafts.delete(draft)
    return OK


def count(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    return {"total_count": len(exchange.state.drafts.of(account.appid))}


def batchget(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    return listed(body(exchange), exchange.state.drafts.of(account.appid), "media_id")


def listed(asked: dict[str, object], drafts: list[Draft], id_name: str) -> dict[str, object]:
    """A page of drafts or of published articles. `no_content` 1 leaves out the articles' content."""
    items = [
        {
            id_name: draft.id,
            "content": content(draft, bare=asked.get("no_content") == 1),
            "update_time": draft.updated_at,
        }
        for draft in page_of(asked, drafts)
    ]
    return {"item": items, "total_count": len(drafts), "item_count": len(items)}


def content(draft: Draft, *, bare: bool = False) -> dict[str, object]:
    articles = [{name: it[name] for name in it if not bare or name != "content"} for it in draft.articles]
    return {"news_item": articles, "create_time": draft.created_at, "update_time": draft.updated_at}


def _asked(exchange: Exchange) -> tuple[Draft, Account]:
    """The draft of the media_id in the body. Raises WeChatError."""
    account = exchange.counted_caller("official")
    draft = exchange.state.drafts.find(body(exchange).get("media_id"), account.appid)
    if draft is None:
        raise WeChatError(40007)
    return draft, account


def _article(exchange: Exchange, account: Account, given: object, *, alone: bool) -> Article:
    """The article as WeChat keeps it; only a single article gets a digest. Raises WeChatError."""
    if not isinstance(given, dict):
        raise WeChatError(47001)
    kind = given.get("article_type", "news")
    if kind not in TYPES:
        raise WeChatError(40097)
    text = text_of(given, "content")
    for name, most, errcode in LIMITS:
        if len(text_of(given, name)) > most:
            raise WeChatError(errcode)
    if not text_of(given, "title"):
        raise WeChatError(45003)
    if not text:
        raise WeChatError(44004)
    if len(text) >= MAX_CONTENT:
        raise WeChatError(45002)
    digest = text_of(given, "digest") or (_TAG.sub("", text)[:DIGEST] if alone else "")
    texts = {"author": text_of(given, "author"), "digest": digest, "content": text}
    article: Article = {"article_type": kind, "title": text_of(given, "title"), **texts}
    article["content_source_url"] = text_of(given, "content_source_url")
    article |= _pictures(exchange, account, given) if kind == "newspic" else _cover(exchange, account, given)
    key = exchange.state.media.new_id()
    flags = {name: whole_of(given, name) for name in ("need_open_comment", "only_fans_can_comment")}
    return article | flags | {"url": f"http://mp.weixin.qq.com/s?tempkey={key}"}


def _cover(exchange: Exchange, account: Account, given: dict[str, object]) -> Article:
    """The cover image, which must be permanent. Raises WeChatError 40007."""
    media = exchange.state.media.get(given.get("thumb_media_id"), account.appid, exchange.now, permanent=True)
    return {"thumb_media_id": media.media_id, "show_cover_pic": 1, "thumb_url": media.url}


def _pictures(exchange: Exchange, account: Account, given: dict[str, object]) -> Article:
    """1 to 20 permanent images, the first of which is the cover. Raises WeChatError 40007."""
    info = given.get("image_info")
    images = info.get("image_list") if isinstance(info, dict) else None
    if not isinstance(images, list) or not 1 <= len(images) <= MAX_IMAGES:
        raise WeChatError(40007)
    ids = [image.get("image_media_id") if isinstance(image, dict) else None for image in images]
    kept = [exchange.state.media.get(it, account.appid, exchange.now, permanent=True).media_id for it in ids]
    return {"thumb_media_id": kept[0], "image_info": {"image_list": [{"image_media_id": it} for it in kept]}}


ENDPOINTS = (
    Endpoint("/cgi-bin/draft/add", "POST", add),
    Endpoint("/cgi-bin/draft/update", "POST", update),
    Endpoint("/cgi-bin/draft/get", "POST", get, escapes_slashes=True),
    Endpoint("/cgi-bin/draft/delete", "POST", delete),
    Endpoint("/cgi-bin/draft/count", "GET", count),
    Endpoint("/cgi-bin/draft/batchget", "POST", batchget, escapes_slashes=True),
)
