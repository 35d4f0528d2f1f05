"""Pushed messages, read from JSON or XML, and the answers to them."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .xml import read_xml, write_xml

Form = Literal["json", "xml"]

PLAIN_TEXT = "text/plain; charset=utf-8"
_MOST_READ = 64 * 1024
"""bytes of a message that is read; WeChat's have a few thousand, and parsing a megabyte may take a second"""
_ENDS_AUTHORIZATION = ("user_authorization_revoke", "user_authorization_cancellation")


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer with status 200."""

    content: bytes = field(repr=False)
    content_type: str = PLAIN_TEXT


SUCCESS = Reply(b"success")
"""WeChat need not try again"""


@dataclass(frozen=True, slots=True)
class Message:
    """A push, verified and decrypted. In XML all values are texts; a repeated element is a list."""

    form: Form
    fields: Mapping[str, Any] = field(repr=False)
    """empty where the content cannot be read"""
    content: bytes = field(repr=False)
    """the bytes as received"""

    @property
    def is_event(self) -> bool:
        """Whether it is an event and no user's message; WeChat's documents spell it `event` and `Event`."""
        return self.text("MsgType").lower() in ("event", "")

    @property
    def is_media_result(self) -> bool:
        """Whether this is the verdict of a media_check_async."""
        return self.is_event and self.text("Event") == "wxa_media_check"

    @property
    def ends_authorization(self) -> bool:
        """Whether a user (`OpenID`) has revoked an authorization (撤回授权) or closed the WeChat account (注销)."""
        return self.is_event and self.text("Event") in _ENDS_AUTHORIZATION

    @property
    def identity(self) -> str:
        """64 hexadecimal digits, the same for each try of WeChat to deliver this message.

        WeChat's advice for events is FromUserName and CreateTime, but a user may cause two in one second; these differ
        elsewhere, while repeated deliveries are identical.
        """
        msgid = "" if self.is_event or self.text("MsgId") == "0" else self.text("MsgId")
        return hashlib.sha256(f"MsgId {msgid}".encode("utf-8", "surrogatepass") if msgid else self.content).hexdigest()

    def text(self, name: str) -> str:
        """A field that holds a text or a number, "" without. The first one counts: a user's text may contain others."""
        value = self.fields.get(name)
        if isinstance(value, list) and value:
            value = value[0]
        return str(value) if isinstance(value, str | int) else ""


def read_message(content: bytes) -> Message:
    """Read JSON or XML, whatever Content-Type says: the two begin differently. Unreadable content has no fields."""
    text = content.decode("utf-8", "replace").lstrip("\ufeff\t\r\n ") if len(content) <= _MOST_READ else ""
    if text.startswith("<"):
        return Message("xml", read_xml(text), content)
    try:
        # WeChat sometimes leaves control characters raw (WECHAT.md 0.17).
        fields = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        fields = None
    return Message("json", fields if isinstance(fields, dict) else {}, content)


def write_message(fields: Mapping[str, str | int], form: Form) -> bytes:
    """A message of our own, for an answer."""
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace") if form == "json" else write_xml(fields)
