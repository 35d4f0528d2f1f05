"""Login: users of web pages and mini programs. Their tokens and session keys stay here, sealed."""

from .errors import CodeLost, DecryptionFailed, LoginFailed, TicketRefused, UnknownSession
from .mini_program import MiniProgram
from .sealing import Sealer, sealer_of
from .sessions import Session, Sessions
from .user_data import decrypted, signature
from .web import ATTEMPT_SECONDS, WebLogin, cookie_id
from .web_urls import LoginRequest, LoginScope, kind_for, origin_of
