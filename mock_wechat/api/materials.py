"""/cgi-bin/material/*: permanent material (documents 上传永久素材, 获取永久素材 ...)."""

import json
from collections.abc import Mapping

from ..errors import WeChatError
from ..wire import Response
from .asked import OK, body
from .exchange import Endpoint, Exchange
from .forms import STREAMED, field_of, file_of, is_streamed, page_of, read_form, text_of
from .uploads import KB, MB, Rule, as_file, keep, kind_of, video_url

PERMANENT: Mapping[str, Rule] = {
    "image": Rule(10 * MB, ("bmp", "png", "jpg", "gif")),
    "voice": Rule(2 * MB, ("mp3", "wma", "wav", "amr")),
    "video": Rule(10 * MB, ("mp4",)),
    "thumb": Rule(64 * KB, ("jpg",)),
}
LISTED: Mapping[str, tuple[str, ...]] = {
    "image": ("image", "thumb"),
    "voice": ("voice",),
    "video": ("video",),
    "news": (),
}
"""The types of each list. A thumb is an image (assumed); articles are drafts since 2022."""


def add_material(exchange: Exchange) -> dict[str, object] | Response:
    if is_streamed(exchange):
        return STREAMED
    account = exchange.counted_caller("official")
    form = read_form(exchange)
    kind = kind_of(exchange, form)
    if kind not in PERMANENT:
        raise WeChatError(40004)
    file = file_of(form)
    texts = _description(field_of(form, "description")) if kind == "video" else ("", "")
    media = keep(exchange, account, kind, file, PERMANENT[kind], permanent=True, texts=texts)
    return {"media_id": media.media_id, **({"url": media.url} if media.url else {}), "item": []}


def get_material(exchange: Exchange) -> dict[str, object] | Response:
    """The file; for a video, its texts and where to get it."""
    account = exchange.counted_caller("official", "mini")
    media_id = body(exchange).get("media_id")
    media = exchange.state.media.get(media_id, account.appid, exchange.now, permanent=True)
    if media.type != "video":
        return as_file(media)
    url = video_url(exchange.request, media)
    return {"title": media.title, "description": media.introduction, "down_url": url}


def del_material(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    store = exchange.state.media
    store.delete(store.get(body(exchange).get("media_id"), account.appid, exchange.now, permanent=True))
    return OK


def get_materialcount(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    find = exchange.state.media.material
    return {f"{name}_count": len(find(account.appid, LISTED[name])) for name in ("voice", "video", "image", "news")}


def batchget_material(exchange: Exchange) -> dict[str, object]:
    """Newest first. Only images have a url."""
    account = exchange.counted_caller("official")
    asked = body(exchange)
    kind = text_of(asked, "type")
    if kind not in LISTED:
        raise WeChatError(40004)
    found = exchange.state.media.material(account.appid, LISTED[kind])
    items = [
        {"media_id": media.media_id, "name": media.filename, "update_time": int(media.at)}
        | ({"url": media.url} if media.url else {})
        | {"tags": []}
        for media in page_of(asked, found)
    ]
    return {"item": items, "total_count": len(found), "item_count": len(items)}


def _description(given: str) -> tuple[str, str]:
    """A video's title and introduction. Without them the answer is 41005, which lists of errors do not explain."""
    try:
        texts = json.loads(given)
    except (ValueError, RecursionError):
        texts = None
    if not isinstance(texts, dict):
        raise WeChatError(41005)
    return text_of(texts, "title"), text_of(texts, "introduction")


ENDPOINTS = (
    Endpoint("/cgi-bin/material/add_material", "POST", add_material, escapes_slashes=True),
    Endpoint("/cgi-bin/material/get_material", "POST", get_material),
    Endpoint("/cgi-bin/material/del_material", "POST", del_material),
    Endpoint("/cgi-bin/material/get_materialcount", "GET", get_materialcount),
    Endpoint("/cgi-bin/material/batchget_material", "POST", batchget_material, escapes_slashes=True),
)
