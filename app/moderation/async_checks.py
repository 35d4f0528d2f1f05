"""Submits media that WeChat checks later: each becomes a job, whose verdict WeChat pushes."""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from ..credentials import CredentialProvider
from ..errors import CentralServerError, NotConfigured
from ..wechat import MEDIA_CHECK_ASYNC, WeChatClient
from .errors import ImageTooLarge
from .images import Fitted
from .jobs import Job, Jobs
from .media_links import Link, MediaLinks
from .media_results import media_result

IMAGE = 2
"""the media_type of images; 1 is audio (WECHAT.md 5)"""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Occasion:
    """The user who made the media, and for what: 1 profile, 2 comment, 3 forum, 4 social log."""

    openid: str
    scene: int


@dataclass(frozen=True, slots=True)
class AsyncChecks:
    """media_check_async for all accounts. Submitting raises WeChatError where WeChat does not accept."""

    jobs: Jobs
    links: MediaLinks | None
    """None: WECHAT_SECRET_KEY or WECHAT_PUBLIC_URL is not set"""

    def submit_url(
        self,
        access_token: CredentialProvider,
        client: WeChatClient,
        media_url: str,
        media_type: int,
        occasion: Occasion,
    ) -> Job:
        """Let WeChat download and check a file. The URL must have been through `check_media_url`."""
        trace_id = _submitted(access_token, client, media_url, media_type, occasion)
        return self.jobs.open(client.appid, [trace_id])

    def submit_image(
        self,
        access_token: CredentialProvider,
        client: WeChatClient,
        fitted: Fitted,
        occasion: Occasion,
        together: Callable[[Sequence[Callable[[], str]]], list[str]],
    ) -> Job:
        """Let WeChat check an image without a URL of its own: its parts, submitted `together`. The worst decides.

        Raises NotConfigured where there are no links to media, ImageTooLarge for more parts than are sent. Parts that
        WeChat does not accept are deleted.
        """
        if fitted.too_long:
            raise ImageTooLarge("The image is too long to be sent to WeChat in parts; send it in pieces.")
        if self.links is None:
            raise NotConfigured(
                "An image cannot be checked asynchronously: set WECHAT_SECRET_KEY and WECHAT_PUBLIC_URL."
            )
        client.cooldowns.check(MEDIA_CHECK_ASYNC)  # before parts are kept
        submit = partial(_submitted, access_token, client)
        kept: list[Link] = []
        try:
            kept.extend(self.links.keep(part.content) for part in fitted.parts)
            trace_ids = together([partial(submit, link.url, IMAGE, occasion) for link in kept])
            media_ids = [link.media_id for link in kept]
            return self.jobs.open(client.appid, trace_ids, media_ids, (fitted.frames, fitted.frames_checked))
        except CentralServerError:
            for link in kept:
                self.links.forget(link.media_id)
            raise

    def record(self, appid: str, fields: Mapping[str, Any]) -> None:
        """Keep the result in a `wxa_media_check` that WeChat pushed to the account `appid`."""
        result = media_result(fields)
        if result is None:
            _log.error("media result without a trace_id: appid=%s", appid)
            return
        media_id = self.jobs.record(appid, result)
        if media_id and self.links:
            self.links.forget(media_id)


def _submitted(
    access_token: CredentialProvider, client: WeChatClient, media_url: str, media_type: int, occasion: Occasion
) -> str:
    return access_token.use(
        lambda token: client.media_check_async(token, media_url, media_type, occasion.openid, occasion.scene)
    )
