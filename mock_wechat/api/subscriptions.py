"""Subscription messages of mini programs, and their templates (订阅消息)."""

from ..errors import WeChatError
from ..state.templates import LIBRARY, MOST, Template
from .asked import OK, body, filled, openid, record
from .exchange import Endpoint, Exchange
from .template_values import rendered, values_of

CATEGORIES = ({"id": 616, "name": "公交"},)
"""The category of the documents' example, for every account."""
KEYWORDS = range(2, 6)
"""How many keywords a template may have."""
SCENE_CHARACTERS = 15


def send(exchange: Exchange) -> dict[str, object]:
    """Send a message that its user has agreed to. Whether its page exists is not checked (41030)."""
    account = exchange.counted_caller("mini")
    asked = body(exchange)
    user = openid(exchange, account, asked.get("touser"))
    template = exchange.state.templates.of(account).get(filled(asked, "template_id", 40037))
    if template is None:
        raise WeChatError(40037)
    values = values_of(template, asked.get("data"))
    if not exchange.state.subscriptions.take(account.appid, user, template.id):
        raise WeChatError(43101)
    msgid = exchange.state.random.getrandbits(62)
    record(exchange, account, "subscribe", asked, rendered(template, values, page=asked.get("page")), msgid)
    return OK | {"msgid": msgid}


def show_all(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("mini")
    return OK | {"data": [_as_json(template) for template in exchange.state.templates.of(account).values()]}


def _as_json(template: Template) -> dict[str, object]:
    """Type 2 is for one message per consent."""
    texts = {"title": template.title, "content": template.content, "example": template.example}
    return {"priTmplId": template.id, **texts, "type": 2}


def add(exchange: Exchange) -> dict[str, object]:
    """Add a template of the library, with the lines that `kidList` numbers, in its order."""
    account = exchange.counted_caller("mini")
    asked = body(exchange)
    known = LIBRARY["mini"].get(filled(asked, "tid", 200014))
    if known is None:
        raise WeChatError(200014)
    numbers = asked.get("kidList")
    labels = dict(enumerate(known.labels, 1))
    if not isinstance(numbers, list) or len(numbers) not in KEYWORDS:
        raise WeChatError(200020)
    if any(type(number) is not int or number not in labels for number in numbers):
        raise WeChatError(200020)
    scene = asked.get("sceneDesc", "")
    if not isinstance(scene, str) or len(scene) > SCENE_CHARACTERS:
        raise WeChatError(200021)
    templates = exchange.state.templates
    if len(templates.of(account)) >= MOST["mini"]:
        raise WeChatError(200012)
    return {
        "errmsg": "ok",
        "errcode": 0,
        "priTmplId": templates.add(account, known.with_lines([labels[number] for number in numbers])).id,
    }


def delete(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("mini")
    template_id = filled(body(exchange), "priTmplId", 40037)
    if exchange.state.templates.of(account).pop(template_id, None) is None:
        raise WeChatError(40037)
    return OK


def show_categories(exchange: Exchange) -> dict[str, object]:
    exchange.counted_caller("mini")
    return OK | {"data": list(CATEGORIES)}


ENDPOINTS = (
    Endpoint("/cgi-bin/message/subscribe/send", "POST", send),
    Endpoint("/wxaapi/newtmpl/gettemplate", "GET", show_all),
    Endpoint("/wxaapi/newtmpl/addtemplate", "POST", add),
    Endpoint("/wxaapi/newtmpl/deltemplate", "POST", delete),
    Endpoint("/wxaapi/newtmpl/getcategory", "GET", show_categories),
)
