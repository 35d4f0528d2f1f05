"""WeChat's message push: verified, decrypted, read; and what is answered."""

from .mailbox import Mailbox
from .message import Message, read_message

__all__ = ["Mailbox", "Message", "read_message"]
