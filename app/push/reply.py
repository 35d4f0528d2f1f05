"""What is answered to a push."""

from dataclasses import dataclass, field

PLAIN_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with status 200."""

    content: bytes = field(repr=False)
    content_type: str = PLAIN_TEXT


SUCCESS = Reply(b"success")
"""WeChat need not try again"""
