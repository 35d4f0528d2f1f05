"""The gateway: WeChat SDKs work through this server by changing their base URL. Start with `relay`."""

from .answers import UNANSWERED, GatewayRefusal
from .passes import Pass, Passes, PassRefused
