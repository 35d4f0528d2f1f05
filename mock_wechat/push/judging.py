"""What moderation makes of a media file: it is fetched, and a picture is looked at (WECHAT.md 5)."""

from http import HTTPStatus

from ..api.images import judge
from .checks import Check
from .messages import FAILED_DOWNLOAD, Finding
from .outbound import CallFailed, Outbound

LARGEST_BYTES = 10 * 1024 * 1024
SECONDS = 10.0
"""For each hop of a download; assumed, WeChat's own limit is not published."""
NO_IMAGE = -1009
"""Seen in a push, undocumented: taken for a file that arrived and is no picture."""


def look_at(check: Check, outbound: Outbound) -> Finding:
    """Fetches the file and judges it; any sound is fine. A check that is to fail fails without a download."""
    if check.fault.errcode:
        return Finding(errcode=check.fault.errcode)
    try:
        answer = outbound.download(check.media_url, SECONDS, LARGEST_BYTES)
    except CallFailed:
        return Finding(errcode=FAILED_DOWNLOAD)
    if answer.status != HTTPStatus.OK:
        return Finding(errcode=FAILED_DOWNLOAD)
    if not check.is_image:
        return Finding()
    try:
        return Finding(judge(answer.body))
    except ValueError:
        return Finding(errcode=NO_IMAGE)
