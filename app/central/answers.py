"""What the other central server's answer means: a credential, or the error that its callers get there."""

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from ..errors import CentralRefused, CentralUnavailable, WeChatError
from ..wechat import GETTICKET, STABLE_TOKEN, Answer, Issued, NoAnswer, refusal, without
from .doors import ACCESS_TOKEN, Door

_MAX_TEXT = 512
_LONGEST_WAIT_SECONDS = 86_400
_KEY_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_COMES_BACK = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_OF_THE_TOKEN = ("/problems/wechat-configuration", "/problems/wechat-busy")


def meaning(answer: Answer, door: Door, host: str, secrets: Sequence[str]) -> Issued | WeChatError:
    """The credential, or why there is none; no error holds one of `secrets`, even if the server says it."""
    try:
        document = answer.json_object()
    except NoAnswer as error:
        document, trouble = {}, error.reason
    else:
        trouble = f"an answer without {door.field_name} or expires_in"
    if answer.status == HTTPStatus.OK:
        return Issued.of(document, door.field_name) or CentralUnavailable(f"The central server {host}: {trouble}.")
    wait = _seconds(answer.headers.get("Retry-After", ""))
    if type(document.get("errcode")) is int:
        return _refusal(document, door, wait, secrets)
    said = f"HTTP {answer.status}" + _detail(document, secrets)
    if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status not in _COMES_BACK:
        return CentralRefused(f"The central server {host} refuses {_what(answer.status, door)}: {said}", wait)
    return CentralUnavailable(f"The central server {host}: {said}", wait)


def _refusal(document: dict[str, Any], door: Door, wait: float | None, secrets: Sequence[str]) -> WeChatError:
    """What WeChat said to that server, as the same kind of error that it is there."""
    # There a ticket's fetch may have failed at its access_token, where some errcodes mean something else.
    of_the_token = door is ACCESS_TOKEN or document.get("type") in _OF_THE_TOKEN
    rid = document.get("rid")
    return refusal(
        document["errcode"],
        without(secrets, str(document.get("errmsg", "")))[:_MAX_TEXT],
        without(secrets, rid)[:_MAX_TEXT] if isinstance(rid, str) else None,
        endpoint=STABLE_TOKEN if of_the_token else GETTICKET,
        retry_after=wait,
    )


def _what(status: int, door: Door) -> str:
    return "WECHAT_CENTRAL_KEY" if status in _KEY_REFUSED else f"our request for {door.path}"


def _detail(document: dict[str, Any], secrets: Sequence[str]) -> str:
    detail = document.get("detail")
    return f", {without(secrets, detail)[:_MAX_TEXT]}" if isinstance(detail, str) and detail else "."


def _seconds(retry_after: str) -> float | None:
    """A Retry-After in seconds; a date, which our own product never sends, counts as none."""
    if not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return float(min(int(retry_after[:9]), _LONGEST_WAIT_SECONDS))
