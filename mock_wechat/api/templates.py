"""Template messages of official accounts, and their templates (模板消息)."""

from ..errors import WeChatError
from ..state.accounts import Account
from ..state.templates import HISTORICAL, LIBRARY, MOST, Template
from .asked import OK, body, check_linked, filled, openid, record
from .exchange import Endpoint, Exchange
from .template_values import rendered, values_of

ID_LENGTH = 43


def send(exchange: Exchange) -> dict[str, object]:
    """A template message to a follower. The same client_msg_id again within ten minutes sends nothing more."""
    account = exchange.counted_caller("official")
    asked = body(exchange)
    user = openid(exchange, account, asked.get("touser"))
    template = template_of(exchange, account, asked.get("template_id"))
    if not exchange.state.followers.find(account.appid, user):
        raise WeChatError(43004)
    page = linked_page(exchange, asked.get("miniprogram"))
    values = values_of(template, asked.get("data"))
    client_msg_id = asked.get("client_msg_id")
    if client_msg_id and (earlier := exchange.state.sent.repeated(account.appid, user, client_msg_id, exchange.now)):
        return OK | {"msgid": earlier.msgid}
    msgid = exchange.state.random.getrandbits(62)
    record(exchange, account, "template", asked, rendered(template, values, url=asked.get("url"), page=page), msgid)
    return OK | {"msgid": msgid}


def template_of(exchange: Exchange, account: Account, template_id: object) -> Template:
    """One of the account's templates. Raises WeChatError: 40036 for an id of the wrong length (reported)."""
    templates = exchange.state.templates.of(account)
    if isinstance(template_id, str) and template_id in templates:
        return templates[template_id]
    raise WeChatError(40037 if isinstance(template_id, str) and len(template_id) == ID_LENGTH else 40036)


def linked_page(exchange: Exchange, miniprogram: object) -> object:
    """The page of the mini program that a tap opens, None without one. Raises WeChatError."""
    if not isinstance(miniprogram, dict) or not miniprogram.get("appid"):
        return None
    check_linked(exchange, str(miniprogram["appid"]), 40013)
    return miniprogram.get("pagepath") or miniprogram.get("path")


def show_all(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    return {"template_list": [_as_json(template) for template in exchange.state.templates.of(account).values()]}


def _as_json(template: Template) -> dict[str, object]:
    return {
        "template_id": template.id,
        "title": template.title,
        "primary_industry": template.primary_industry,
        "deputy_industry": template.deputy_industry,
        "content": template.content,
        "example": template.example,
    }


def add(exchange: Exchange) -> dict[str, object]:
    """Add a template of the library, with the lines of `keyword_name_list` in its order."""
    account = exchange.counted_caller("official")
    asked = body(exchange)
    short = filled(asked, "template_id_short", 40037)
    if short in (template.id for template in HISTORICAL):
        raise WeChatError(40247)
    known = LIBRARY["official"].get(short)
    if known is None:
        raise WeChatError(40037)
    names = asked.get("keyword_name_list")
    if not isinstance(names, list) or not names or any(name not in known.labels for name in names):
        raise WeChatError(40246)
    templates = exchange.state.templates
    if len(templates.of(account)) >= MOST["official"]:
        raise WeChatError(45026)
    return OK | {"template_id": templates.add(account, known.with_lines(names)).id}


def delete(exchange: Exchange) -> dict[str, object]:
    account = exchange.counted_caller("official")
    template = template_of(exchange, account, body(exchange).get("template_id"))
    del exchange.state.templates.of(account)[template.id]
    return OK


ENDPOINTS = (
    Endpoint("/cgi-bin/message/template/send", "POST", send),
    Endpoint("/cgi-bin/template/get_all_private_template", "GET", show_all),
    Endpoint("/cgi-bin/template/api_add_template", "POST", add),
    Endpoint("/cgi-bin/template/del_private_template", "POST", delete),
)
