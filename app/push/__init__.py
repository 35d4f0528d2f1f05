"""WeChat's message push: verified, decrypted, read; and what is answered."""

from .deliveries import Deliveries
from .forwarding import Forwarder
from .mailbox import Mailbox
from .message import Message, read_message
from .reply import SUCCESS, Reply

__all__ = ["SUCCESS", "Deliveries", "Forwarder", "Mailbox", "Message", "Reply", "read_message"]
