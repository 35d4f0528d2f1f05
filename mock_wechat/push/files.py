"""The files of users' messages, which the account may get as temporary media (获取临时素材)."""

from base64 import b64decode

from ..state import State
from ..state.media import Media
from .kinds import NEW_FILE

_IMAGE = b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mNgYPgPAAEDAQA2dBFAAAAAAElFTkSuQmCC")
"""A PNG of one blue pixel."""
_FILES = {
    "image": ("image.png", "image/png", _IMAGE),
    "thumb": ("thumb.png", "image/png", _IMAGE),
    "voice": ("voice.amr", "audio/amr", b"#!AMR\n"),
    "video": ("video.mp4", "video/mp4", b"\0\0\0\x10ftypisom\0\0\0\0"),
}


def add_files(state: State, appid: str, kind: str, content: dict[str, object]) -> None:
    """Make the files of a message for which the caller gave no media_id."""
    types = {"MediaId": "video" if kind == "shortvideo" else kind, "ThumbMediaId": "thumb"}
    for element, file_type in types.items():
        if content.get(element) == NEW_FILE:
            filename, content_type, data = _FILES[file_type]
            media = Media(
                id=state.media.next_id(),
                at=state.clock(),
                appid=appid,
                media_id=state.media.new_id(),
                type=file_type,
                filename=filename,
                content_type=content_type,
                content=data,
                permanent=False,
            )
            content[element] = state.media.add(media).media_id
