"""uniform_send: a mini program's server sends its official account's template message (document 下发统一消息)."""

from ..errors import WeChatError
from .asked import OK, body, record
from .exchange import Endpoint, Exchange
from .template_values import rendered, values_of
from .templates import linked_page, template_of


def uniform_send(exchange: Exchange) -> dict[str, object]:
    """The openid is that of the mini program. Messages of mini programs, `weapp_template_msg`, ended in 2020."""
    mini = exchange.counted_caller("mini")
    asked = body(exchange)
    state, openid, message = exchange.state, asked.get("touser"), asked.get("mp_template_msg")
    user = state.users.person(mini.appid, openid) if isinstance(openid, str) else None
    if user is None:
        raise WeChatError(40003)
    if not isinstance(message, dict):
        raise WeChatError(41028 if "weapp_template_msg" in asked else 47001)
    official = state.accounts.get(str(message.get("appid")))
    if official is None or official.kind != "official":
        raise WeChatError(40013)
    template = template_of(exchange, official, message.get("template_id"))
    if not state.followers.find(official.appid, user.openid(official.appid)):
        raise WeChatError(43004)
    page = linked_page(exchange, message.get("miniprogram"))
    values = values_of(template, message.get("data"))
    record(exchange, official, "template", asked, rendered(template, values, url=message.get("url"), page=page))
    return OK


ENDPOINTS = (Endpoint("/cgi-bin/message/wxopen/template/uniform_send", "POST", uniform_send),)
