"""/cgi-bin/media/*: temporary media and images of articles (documents 新增临时素材, 获取临时素材, 上传图文消息图片)."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.media import Media
from ..wire import Request, Response
from .exchange import Endpoint, Exchange
from .forms import STREAMED, Part, field_of, file_of, is_streamed, read_form

KB, MB = 1024, 1024 * 1024

CONTENT_TYPES: Mapping[str, str] = {
    "png": "image/png",
    "jpg": "image/jpeg",
    "gif": "image/gif",
    "bmp": "image/bmp",
    "amr": "audio/amr",
    "mp3": "audio/mpeg",
    "wav": "audio/wav",
    "wma": "audio/x-ms-wma",
    "mp4": "video/mp4",
}


@dataclass(frozen=True)
class Rule:
    """What WeChat accepts: the size in bytes, and the formats."""

    max_bytes: int
    formats: tuple[str, ...]
    size_errcode: int = 40006


TEMPORARY: Mapping[str, Rule] = {
    "image": Rule(10 * MB, ("png", "jpg", "gif")),
    "voice": Rule(2 * MB, ("amr", "mp3")),
    "video": Rule(10 * MB, ("mp4",)),
    "thumb": Rule(64 * KB, ("jpg",)),
}
ARTICLE_IMAGE = Rule(MB, ("jpg", "png"), size_errcode=40009)


def upload(exchange: Exchange) -> dict[str, object] | Response:
    """The answer to a thumb names its id thumb_media_id."""
    if is_streamed(exchange):
        return STREAMED
    account = exchange.counted_caller("official", "mini")
    form = read_form(exchange)
    kind = kind_of(exchange, form)
    if kind not in TEMPORARY:
        raise WeChatError(40004)
    media = keep(exchange, account, kind, file_of(form), TEMPORARY[kind])
    name = "thumb_media_id" if kind == "thumb" else "media_id"
    return {"type": kind, name: media.media_id, "created_at": int(media.at), "item": []}


def get(exchange: Exchange) -> dict[str, object] | Response:
    """The file; for a video, where to get it."""
    account = exchange.counted_caller("official", "mini")
    media = _asked(exchange, account)
    return {"video_url": video_url(exchange.request, media)} if media.type == "video" else as_file(media)


def get_jssdk(exchange: Exchange) -> Response:
    """A voice. WeChat's is speex; here it is the file that was uploaded."""
    account = exchange.counted_caller("official")
    media = _asked(exchange, account)
    if media.type != "voice":
        raise WeChatError(40007)
    return as_file(media)


def uploadimg(exchange: Exchange) -> dict[str, object] | Response:
    """The image of an article has a url only."""
    if is_streamed(exchange):
        return STREAMED
    account = exchange.counted_caller("official", "mini")
    media = keep(exchange, account, "uploadimg", file_of(read_form(exchange)), ARTICLE_IMAGE, permanent=True)
    return {"url": media.url}


def snsvideodownload(exchange: Exchange) -> Response:
    """A video's bytes, without a token. WeChat serves them from another host, in a folder of this name."""
    media = exchange.state.media.find(exchange.request.query.get("filekey"))
    if media is None or media.type != "video":
        return Response(b"", "text/html", 404)
    return Response(media.content, media.content_type)


def kind_of(exchange: Exchange, form: list[Part]) -> str:
    """The type in the query, or in the form, where EasyWeChat sends it."""
    return exchange.request.query.get("type") or field_of(form, "type")


def keep(
    exchange: Exchange,
    account: Account,
    kind: str,
    file: Part,
    rule: Rule,
    *,
    permanent: bool = False,
    texts: tuple[str, str] = ("", ""),
) -> Media:
    """Check and store a file; `texts` are a video's title and introduction. Raises WeChatError for size or format."""
    if len(file.content) > rule.max_bytes:
        raise WeChatError(rule.size_errcode)
    found = file_format(file.content)
    if found not in rule.formats:
        raise WeChatError(40005)
    store = exchange.state.media
    media_id = store.new_id()
    url = _image_url(media_id, kind, found) if permanent else ""
    media = Media(
        id=store.next_id(),
        at=exchange.now,
        appid=account.appid,
        media_id=url if kind == "uploadimg" else media_id,
        type=kind,
        filename=file.filename,
        content_type=CONTENT_TYPES[found],
        content=file.content,
        permanent=permanent,
        url=url,
        title=texts[0],
        introduction=texts[1],
    )
    return store.add(media)


def _image_url(media_id: str, kind: str, extension: str) -> str:
    """Where WeChat would serve a permanent image; empty for another file."""
    if not CONTENT_TYPES[extension].startswith("image/"):
        return ""
    parameter = "" if kind == "uploadimg" else f"?wx_fmt={extension}"
    return f"http://mmbiz.qpic.cn/mmbiz_{extension}/{media_id}/0{parameter}"


def file_format(content: bytes) -> str:
    """The format by its first bytes; empty if it is unknown."""
    for start, name in (
        (b"\x89PNG\r\n\x1a\n", "png"),
        (b"\xff\xd8\xff", "jpg"),
        (b"GIF8", "gif"),
        (b"BM", "bmp"),
        (b"#!AMR", "amr"),
        (b"ID3", "mp3"),
        (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "wma"),
    ):
        if content.startswith(start):
            return name
    if content[4:8] == b"ftyp":
        return "mp4"
    if content[:4] == b"RIFF" and content[8:12] == b"WAVE":
        return "wav"
    is_mp3_frame = len(content) > 1 and content[0] == 0xFF and content[1] & 0xE6 == 0xE2  # layer III
    return "mp3" if is_mp3_frame else ""


def as_file(media: Media) -> Response:
    """The file with the headers of WeChat's documents."""
    extension = next(name for name, content_type in CONTENT_TYPES.items() if content_type == media.content_type)
    headers = {
        "Content-disposition": f'attachment; filename="{media.media_id}.{extension}"',
        "Cache-Control": "no-cache, must-revalidate",
    }
    return Response(media.content, media.content_type, headers=headers)


def video_url(request: Request, media: Media) -> str:
    """Where this mock serves the video, under the host name that the caller used."""
    host = request.headers.get("host", "api.weixin.qq.com")
    scheme = "https" if host.endswith(".weixin.qq.com") else "http"
    return f"{scheme}://{host}/cgi-bin/snsvideodownload?filekey={media.media_id}"


def _asked(exchange: Exchange, account: Account) -> Media:
    media_id = exchange.request.query.get("media_id")
    if not media_id:
        raise WeChatError(41006)
    return exchange.state.media.get(media_id, account.appid, exchange.now, permanent=False)


ENDPOINTS = (
    Endpoint("/cgi-bin/media/upload", "POST", upload),
    Endpoint("/cgi-bin/media/get", "GET", get),
    Endpoint("/cgi-bin/media/get/jssdk", "GET", get_jssdk),
    Endpoint("/cgi-bin/media/uploadimg", "POST", uploadimg, escapes_slashes=True),
    Endpoint("/cgi-bin/snsvideodownload", "GET", snsvideodownload),
)
