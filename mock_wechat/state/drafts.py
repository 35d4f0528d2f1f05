"""Drafts of articles, and the articles that were published from them."""

from dataclasses import dataclass
from random import Random

from .calls import Recent
from .media import ID_LETTERS

Article = dict[str, object]
"""One article with WeChat's fields."""


@dataclass
class Draft:
    """Articles under one media_id, or once published under an article_id (Unix seconds)."""

    id: str
    appid: str
    articles: list[Article]
    created_at: int
    updated_at: int
    publish_id: int = 0


class Drafts:
    """The last 10,000 drafts and the last 10,000 publications."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._drafts: Recent[Draft] = Recent()
        self._published: Recent[Draft] = Recent()
        self._last_publish_id = 2_650_177_667

    def add(self, appid: str, articles: list[Article], now: float) -> Draft:
        draft = Draft("".join(self._random.choices(ID_LETTERS, k=43)), appid, articles, int(now), int(now))
        self._drafts.put(draft.id, draft)
        return draft

    def find(self, media_id: object, appid: str) -> Draft | None:
        """An account's own draft."""
        draft = self._drafts.get(media_id) if isinstance(media_id, str) else None
        return draft if draft and draft.appid == appid else None

    def of(self, appid: str) -> list[Draft]:
        """An account's drafts, newest first."""
        return [draft for draft in reversed(self._drafts.values()) if draft.appid == appid]

    def delete(self, draft: Draft) -> None:
        del self._drafts[draft.id]

    def publish(self, draft: Draft, now: float) -> Draft:
        """Move a draft to the published articles."""
        self.delete(draft)
        self._last_publish_id += 1
        article_id = "".join(self._random.choices(ID_LETTERS, k=43))
        published = Draft(article_id, draft.appid, draft.articles, int(now), int(now), self._last_publish_id)
        for index, article in enumerate(published.articles, 1):
            article["url"] = f"http://mp.weixin.qq.com/s?mid={published.publish_id}&idx={index}&sn={article_id}"
            article["is_deleted"] = False
        self._published.put(article_id, published)
        return published

    def published(self, appid: str) -> list[Draft]:
        """An account's published articles, newest first, deleted ones included."""
        return [it for it in reversed(self._published.values()) if it.appid == appid]
