"""/cgi-bin/freepublish/*: drafts become articles at once (documents 发布草稿, 发布状态查询 ...)."""

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.drafts import Draft
from .asked import OK, body
from .drafts import content, listed
from .exchange import Endpoint, Exchange
from .forms import whole_of

PUBLISHED, DELETED = 0, 5
"""Values of publish_status: published, and published with all articles deleted later."""


def submit(exchange: Exchange) -> dict[str, object]:
    """Publish a draft, which ends it. `publish_id` is a number, although the document shows text."""
    account, asked = _caller(exchange)
    draft = exchange.state.drafts.find(asked.get("media_id"), account.appid)
    if draft is None:
        raise WeChatError(40007)
    published = exchange.state.drafts.publish(draft, exchange.now)
    return OK | {"publish_id": published.publish_id, "msg_data_id": published.publish_id}


def get(exchange: Exchange) -> dict[str, object]:
    """The state of a publication, by its number or the number as text."""
    account, asked = _caller(exchange)
    wanted = str(asked.get("publish_id", ""))
    found = (it for it in exchange.state.drafts.published(account.appid) if str(it.publish_id) == wanted)
    published = next(found, None)
    if published is None:
        raise WeChatError(40002, "invalid argument")
    if all(article["is_deleted"] for article in published.articles):
        return {"publish_id": published.publish_id, "publish_status": DELETED, "fail_idx": []}
    urls = [{"idx": index, "article_url": it["url"]} for index, it in enumerate(published.articles, 1)]
    return {
        "publish_id": published.publish_id,
        "publish_status": PUBLISHED,
        "article_id": published.id,
        "article_detail": {"count": len(urls), "item": urls},
        "fail_idx": [],
    }


def getarticle(exchange: Exchange) -> dict[str, object]:
    account, asked = _caller(exchange)
    return content(_article(exchange, account, asked))


def batchget(exchange: Exchange) -> dict[str, object]:
    account, asked = _caller(exchange)
    return listed(asked, exchange.state.drafts.published(account.appid), "article_id")


def delete(exchange: Exchange) -> dict[str, object]:
    """Delete one article by its `index` from 1, or all with 0 or no index."""
    account, asked = _caller(exchange)
    published = _article(exchange, account, asked)
    index = whole_of(asked, "index")
    if not 0 <= index <= len(published.articles):
        raise WeChatError(40114)
    for article in published.articles[index - 1 : index] if index else published.articles:
        article["is_deleted"] = True
    return OK


def _caller(exchange: Exchange) -> tuple[Account, dict[str, object]]:
    account = exchange.counted_caller("official")
    return account, body(exchange)


def _article(exchange: Exchange, account: Account, asked: dict[str, object]) -> Draft:
    """The articles of the article_id in the body. Raises WeChatError 53600."""
    found = (it for it in exchange.state.drafts.published(account.appid) if it.id == asked.get("article_id"))
    published = next(found, None)
    if published is None:
        raise WeChatError(53600)
    return published


ENDPOINTS = (
    Endpoint("/cgi-bin/freepublish/submit", "POST", submit),
    Endpoint("/cgi-bin/freepublish/get", "POST", get),
    Endpoint("/cgi-bin/freepublish/getarticle", "POST", getarticle, escapes_slashes=True),
    Endpoint("/cgi-bin/freepublish/batchget", "POST", batchget, escapes_slashes=True),
    Endpoint("/cgi-bin/freepublish/delete", "POST", delete),
)
