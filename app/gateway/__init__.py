"""The gateway: WeChat SDKs work through this server by changing their base URL. Start with `relay`."""

from . import answers, endpoints, query, rules
from .answers import UNANSWERED, GatewayRefusal, Reason
from .callers import Asked, Caller, Callers, query_for_wechat
from .passes import Pass, Passes, is_pass
from .relay import ForwardedAnswer, ForwardedCall, Relay
