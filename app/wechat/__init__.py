"""The only code that speaks HTTP to WeChat."""

from .calls import errcode_of, rid_of, without
from .client import ENDPOINTS, GETTICKET, MEDIA_CHECK_ASYNC, MSG_SEC_CHECK, STABLE_TOKEN, TOKEN, Issued, WeChatClient
from .cooldown import ENDPOINT_ERRORS, Cooldown, Cooldowns, day_in_shanghai, lift
from .errcodes import refusal
from .exchange import Answer, Exchange, NoAnswer, Request, deadline
from .hints import Hint, hint, named_hint
from .hosts import Hosts
from .opening import Opened, Opener
from .pool import CallPool
from .transport import Transport
