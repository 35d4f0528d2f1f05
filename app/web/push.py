"""WeChat's message push: results of media checks are recorded, sessions ended; all else is forwarded or answered."""

import logging

from flask import Response, request

from ..accounts import Account
from ..errors import NotConfigured, StoreUnavailable, UnknownAccount
from ..push import SUCCESS, Message, PushNotForwarded, PushRefused, PushUnreadable, Receiver, Reply
from . import problems
from .current import current_services
from .endpoint import Endpoint, Endpoints
from .reading import BodyTooLarge, ParameterWrong, read_body
from .schemas.push import Push, UrlCheck

LARGEST_BYTES = 1024 * 1024

blueprint = Endpoints("push", __name__, listener="public", tag="Message push")

_log = logging.getLogger(__name__)
_EVENTS = {PushRefused: "push refused", PushUnreadable: "push unreadable", PushNotForwarded: "push not forwarded"}
_CONTENT_TYPES = {"json": "application/json", "xml": "text/xml"}
_ACCOUNT = {"account": "Name or appid."}
_PROBLEMS = (PushUnreadable, PushRefused, NotConfigured, UnknownAccount)
_TEXT = {"schema": {"type": "string"}}
_ECHO = {"description": "`echostr`, as it came.", "content": {"text/plain": _TEXT}}
_REPLY = {
    "description": "`success`, or the reply to the user.",
    "content": {"text/plain": _TEXT, "application/json": {"schema": {"type": "object"}}, "text/xml": _TEXT},
}
_BODY = {
    "application/json": {"schema": {"type": "object"}},
    "text/xml": {"schema": {"type": "object", "xml": {"name": "xml"}}},
}


@blueprint.view(
    Endpoint("GET", "/api/push/<account>", {200: _ECHO}, query=UrlCheck, path_values=_ACCOUNT, problems=_PROBLEMS)
)
def push_check(account: str) -> Response:
    """WeChat checks the URL (URL 验证)."""
    receiver = _receiver(current_services().accounts.find(account))
    return _response(Reply(receiver.check_url(request.args).encode()))


@blueprint.view(
    Endpoint(
        "POST",
        "/api/push/<account>",
        {200: _REPLY},
        query=Push,
        body=_BODY,
        path_values=_ACCOUNT,
        problems=(*_PROBLEMS, ParameterWrong, BodyTooLarge, PushNotForwarded, StoreUnavailable),
    )
)
def push(account: str) -> Response:
    """WeChat delivers a result or a message.

    Plain, compatible and secure mode (明文, 兼容, 安全模式); JSON or XML, at most 1 MB. With an AES key only
    `msg_signature` and the decrypted body count.
    """
    recipient = current_services().accounts.find(account)
    receiver = _receiver(recipient)
    body = read_body(LARGEST_BYTES)
    message = receiver.open(request.args, body)
    if not message.fields:
        _log.warning("push cannot be read: account=%s bytes=%d", recipient.name, len(body))
    if message.is_media_result:
        current_services().async_checks.record(recipient.appid, message.fields)
        return _response(SUCCESS)
    sessions = current_services().sessions
    if message.ends_authorization and sessions:
        sessions.revoke(recipient.appid, message.text("OpenID"))
    if recipient.push and recipient.push.forward_url:
        return _response(_forwarded(recipient.appid, recipient.push.forward_url, message, body))
    return _response(SUCCESS if message.is_event else _to_customer_service(receiver, message))


@blueprint.errorhandler(PushRefused)
@blueprint.errorhandler(PushUnreadable)
@blueprint.errorhandler(PushNotForwarded)
def _not_taken(error: PushRefused | PushUnreadable | PushNotForwarded) -> Response:
    """Log the reason: WeChat does not show the answer it got."""
    account = current_services().accounts.find((request.view_args or {})["account"])
    reason = error.reason if isinstance(error, PushRefused) else str(error)
    _log.warning("%s: account=%s reason=%s", _EVENTS[type(error)], account.name, reason)
    return problems.answer(error)


@blueprint.after_request
def _no_page(response: Response) -> Response:
    """The content is the caller's or another server's: no browser may keep it or take it for a page."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _receiver(account: Account) -> Receiver:
    return Receiver(account, current_services().clock)


def _forwarded(appid: str, url: str, message: Message, body: bytes) -> Reply:
    """The reply of the account's own server to the unchanged push, once per message."""
    services, query = current_services(), request.environ["QUERY_STRING"]
    content_type = request.headers.get("Content-Type", "")
    return services.deduplicator.once(
        appid, message, lambda: services.forwarder.forward(url, query, body, content_type)
    )


def _to_customer_service(receiver: Receiver, message: Message) -> Reply:
    """Hand a user's message over to WeChat's customer service (客服), as WeChat does without a server."""
    reply: dict[str, str | int] = {
        "ToUserName": message.text("FromUserName"),
        "FromUserName": message.text("ToUserName"),
        "CreateTime": int(current_services().clock()),
        "MsgType": "transfer_customer_service",
    }
    return Reply(receiver.write_reply(reply, message.form), _CONTENT_TYPES[message.form])


def _response(reply: Reply) -> Response:
    return Response(reply.content, content_type=reply.content_type)
