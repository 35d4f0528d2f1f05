"""The door for WeChat's message push: results of media checks are noted, all else is answered."""

from flask import Blueprint, Response, request

from ..accounts import Account
from ..push import Mailbox, Message
from ..services import current_services
from . import bodies

LARGEST_BYTES = 1024 * 1024

blueprint = Blueprint("push", __name__)

_CONTENT_TYPES = {"json": "application/json", "xml": "text/xml"}
_SUCCESS = b"success"


@blueprint.get("/api/push/<account>")
def check_url(account: str) -> Response:
    """WeChat asks whether this URL is the account's own."""
    mailbox = _mailbox(current_services().accounts.find(account))
    return _answer(mailbox.echo(request.args).encode())


@blueprint.post("/api/push/<account>")
def receive(account: str) -> Response:
    """WeChat has something to say to the account."""
    recipient = current_services().accounts.find(account)
    mailbox = _mailbox(recipient)
    message = mailbox.opened(request.args, bodies.body(LARGEST_BYTES))
    if message.is_media_result:
        current_services().async_checks.record(recipient.appid, message.fields)
        return _answer(_SUCCESS)
    return _answer(_SUCCESS) if message.is_event else _to_a_person(mailbox, message)


@blueprint.after_request
def _no_page(response: Response) -> Response:
    """What is given back came from outside: no browser shall take it for a page."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _mailbox(account: Account) -> Mailbox:
    return Mailbox(account, current_services().clock)


def _to_a_person(mailbox: Mailbox, message: Message) -> Response:
    """Hand a user's message over to WeChat's customer service (客服), as WeChat does where nobody listens."""
    reply: dict[str, str | int] = {
        "ToUserName": message.text("FromUserName"),
        "FromUserName": message.text("ToUserName"),
        "CreateTime": int(current_services().clock()),
        "MsgType": "transfer_customer_service",
    }
    return _answer(mailbox.wrapped(reply, message.form), _CONTENT_TYPES[message.form])


def _answer(body: bytes, content_type: str = "text/plain; charset=utf-8") -> Response:
    return Response(body, content_type=content_type)
