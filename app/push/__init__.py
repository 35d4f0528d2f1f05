"""WeChat's message push (消息推送): verify, decrypt, parse, deduplicate, forward."""

from .deduplicator import Deduplicator
from .errors import PushNotForwarded, PushRefused, PushUnreadable
from .forwarder import Forwarder
from .message import SUCCESS, Message, Reply, read_message
from .receiver import Receiver
