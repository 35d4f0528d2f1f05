"""The gateway: WeChat SDKs work through this server by changing their base URL. Start with `relay`."""

from . import query, rules
from .answers import UNANSWERED, GatewayRefusal, Reason, of, refusal, unauthorized
from .passes import Pass, Passes, PassRefused
