"""The control call that shows uploaded files."""

from ..fields import Fields, WrongField, count, text
from ..state import State
from ..wire import Response
from .action import Action


def show_media(state: State, given: Fields) -> object:
    """The last `newest` files, or with a `media_id` that file, expired or not."""
    media_id = given.may("media_id", text, None)
    newest = given.may("newest", count, None)
    given.done()
    if media_id is None:
        return {"media": [media.as_json() for media in state.media.newest(newest)]}
    media = state.media.find(media_id)
    if media is None:
        raise WrongField("media_id", f"no file has the media_id {media_id!r}: see GET /_mock/media")
    return Response(media.content, media.content_type, headers={"X-Content-Type-Options": "nosniff"})


ACTIONS: dict[str, dict[str, Action]] = {"/media": {"GET": show_media}}
