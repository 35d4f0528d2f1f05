"""What each type of customer service message must contain (发送客服消息)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from ..errors import WeChatError
from ..state.accounts import Account, Kind
from .asked import check_linked, filled, media_id, size
from .exchange import Exchange

TEXT_BYTES = 2048


@dataclass(frozen=True)
class _Content:
    """The part of a message that its type names, and who sends it."""

    exchange: Exchange
    account: Account
    fields: Mapping[str, object]

    def need(self, errcode: int, *names: str) -> None:
        """Check that these fields are non-empty texts. Raises WeChatError."""
        for name in names:
            filled(self.fields, name, errcode)

    def need_media(self, *names: str) -> None:
        """Check that these fields are ids of files. Raises WeChatError."""
        for name in names:
            media_id(self.exchange, self.account, self.fields, name)

    def items(self, name: str, errcode: int) -> list[object]:
        """A non-empty list. Raises WeChatError."""
        items = self.fields.get(name)
        if not isinstance(items, list) or not items:
            raise WeChatError(errcode)
        return items


def _text(content: _Content) -> None:
    if size(filled(content.fields, "content", 44004)) > TEXT_BYTES:
        raise WeChatError(45002)


def _news(content: _Content) -> None:
    articles = content.items("articles", 44003)
    if len(articles) > 1:
        raise WeChatError(45008)
    if not isinstance(articles[0], dict):
        raise WeChatError(44003)


def _msgmenu(content: _Content) -> None:
    for item in content.items("list", 47001):
        if not isinstance(item, dict) or not item.get("id") or not item.get("content"):
            raise WeChatError(47001)


def _miniprogrampage(content: _Content) -> None:
    """Only official accounts name the mini program."""
    if content.account.kind == "official":
        check_linked(content.exchange, filled(content.fields, "appid", 40166), 40166)
    content.need(40165, "pagepath")
    content.need_media("thumb_media_id")


_Check = Callable[[_Content], None]
_CHECKS: Mapping[Kind, Mapping[str, _Check]] = {
    "official": {
        "text": _text,
        "image": lambda content: content.need_media("media_id"),
        "voice": lambda content: content.need_media("media_id"),
        "video": lambda content: content.need_media("media_id", "thumb_media_id"),
        "music": lambda content: content.need_media("thumb_media_id"),
        "news": _news,
        "mpnews": lambda content: content.need_media("media_id"),
        "mpnewsarticle": lambda content: content.need(40007, "article_id"),
        "msgmenu": _msgmenu,
        "wxcard": lambda content: content.need(40073, "card_id"),
        "miniprogrampage": _miniprogrampage,
    },
    "mini": {
        "text": _text,
        "image": lambda content: content.need_media("media_id"),
        "link": lambda content: content.need(47001, "title", "description", "url", "thumb_url"),
        "miniprogrampage": _miniprogrampage,
    },
}
"""The errcodes of fields that are missing are assumed, except for media ids."""


def check_content(exchange: Exchange, account: Account, asked: Mapping[str, object]) -> None:
    """Check the content of a message. Raises WeChatError; 45162 for a type of the other kind of account (reported)."""
    kind = asked.get("msgtype")
    checks = _CHECKS[account.kind]
    if not isinstance(kind, str) or kind not in checks:
        elsewhere = isinstance(kind, str) and any(kind in others for others in _CHECKS.values())
        raise WeChatError(45162 if elsewhere else 40008)
    fields = asked.get(kind)
    checks[kind](_Content(exchange, account, fields if isinstance(fields, dict) else {}))
