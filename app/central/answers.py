"""The other central server's endpoints, and what its answers mean: a credential or an error."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from ..errors import CentralRefused, CentralUnavailable, WeChatError
from ..wechat import GETTICKET, STABLE_TOKEN, Answer, Issued, NoAnswer, refusal, without

_MAX_TEXT = 512
_LONGEST_WAIT_SECONDS = 86_400
_KEY_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_COMES_BACK = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)
_OF_THE_TOKEN = ("/problems/wechat-configuration", "/problems/wechat-busy")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The other server's endpoint for one kind of credential."""

    path: str
    """GET returns the current one; POST `path`/refresh takes a refused one and returns its successor"""
    field_name: str
    """of the credential in the answer"""


ACCESS_TOKEN = Endpoint("/api/access_token", "access_token")
JSAPI_TICKET = Endpoint("/api/jsapi_ticket", "ticket")


def meaning(answer: Answer, endpoint: Endpoint, host: str, secrets: Sequence[str]) -> Issued | WeChatError:
    """The credential in the answer, or an error, in which each of `secrets` is masked."""
    try:
        document = answer.json_object()
    except NoAnswer as error:
        document, trouble = {}, error.reason
    else:
        trouble = f"an answer without {endpoint.field_name} or expires_in"
    if answer.status == HTTPStatus.OK:
        return Issued.of(document, endpoint.field_name) or CentralUnavailable(f"The central server {host}: {trouble}.")
    wait = _seconds(answer.headers.get("Retry-After", ""))
    if type(document.get("errcode")) is int:
        return _refusal(document, endpoint, wait, secrets)
    text = f"HTTP {answer.status}" + _detail(document, secrets)
    if HTTPStatus.BAD_REQUEST <= answer.status < HTTPStatus.INTERNAL_SERVER_ERROR and answer.status not in _COMES_BACK:
        refused = "WECHAT_CENTRAL_KEY" if answer.status in _KEY_REFUSED else f"our request for {endpoint.path}"
        return CentralRefused(f"The central server {host} refuses {refused}: {text}", wait)
    return CentralUnavailable(f"The central server {host}: {text}", wait)


def _refusal(document: dict[str, Any], endpoint: Endpoint, wait: float | None, secrets: Sequence[str]) -> WeChatError:
    """WeChat's refusal, as the same kind of error that it is on that server."""
    # There a ticket's fetch may have failed at its access_token, where some errcodes mean something else.
    of_the_token = endpoint is ACCESS_TOKEN or document.get("type") in _OF_THE_TOKEN
    rid = document.get("rid")
    return refusal(
        document["errcode"],
        without(secrets, str(document.get("errmsg", "")))[:_MAX_TEXT],
        without(secrets, rid)[:_MAX_TEXT] if isinstance(rid, str) else None,
        endpoint=STABLE_TOKEN if of_the_token else GETTICKET,
        retry_after=wait,
    )


def _detail(document: dict[str, Any], secrets: Sequence[str]) -> str:
    detail = document.get("detail")
    return f", {without(secrets, detail)[:_MAX_TEXT]}" if isinstance(detail, str) and detail else "."


def _seconds(retry_after: str) -> float | None:
    """A Retry-After in seconds; a date, which this product never sends, counts as none."""
    if not (retry_after.isascii() and retry_after.isdigit()):
        return None
    return float(min(int(retry_after[:9]), _LONGEST_WAIT_SECONDS))
