"""A pushed message, read from JSON or XML."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from .xml import read_xml, write_xml

Form = Literal["json", "xml"]


@dataclass(frozen=True, slots=True)
class Message:
    """What WeChat says, verified and decrypted. In XML all values are texts; a repeated element is a list."""

    form: Form
    fields: Mapping[str, Any] = field(repr=False)
    content: bytes = field(repr=False)
    """as it was written"""

    @property
    def is_event(self) -> bool:
        """Whether something happened, in place of a user writing; the documents spell it `event` and `Event`."""
        return self.text("MsgType").lower() in ("event", "")

    @property
    def is_media_result(self) -> bool:
        """Whether this is the verdict of a media_check_async."""
        return self.is_event and self.text("Event") == "wxa_media_check"

    @property
    def identity(self) -> str:
        """The same for each try of WeChat to deliver this message, in 64 hexadecimal digits.

        WeChat's advice for events is FromUserName and CreateTime, but a user may cause two in one second: those differ
        in the rest, which tries of one do not.
        """
        told = "" if self.is_event or self.text("MsgId") == "0" else self.text("MsgId")
        return hashlib.sha256(f"MsgId {told}".encode("utf-8", "surrogatepass") if told else self.content).hexdigest()

    def text(self, name: str) -> str:
        """A field that holds a text or a number, "" without."""
        value = self.fields.get(name)
        return str(value) if isinstance(value, str | int) else ""


def read_message(content: bytes) -> Message:
    """JSON or XML, whatever Content-Type says: the two begin differently. Raises ValueError."""
    if content.lstrip(b"\xef\xbb\xbf\t\r\n ").startswith(b"<"):
        return Message("xml", read_xml(content), content)
    try:
        # At times WeChat leaves control characters raw (WECHAT.md 0.17).
        fields = json.loads(content.decode("utf-8-sig"), strict=False)
    except (ValueError, RecursionError):
        raise ValueError("neither JSON nor XML") from None
    if not isinstance(fields, dict):
        raise ValueError("no JSON object")  # noqa: TRY004 - a wrong message like the others
    return Message("json", fields, content)


def written(fields: Mapping[str, str | int], form: Form) -> bytes:
    """A message of our own, for an answer."""
    return json.dumps(fields, ensure_ascii=False).encode("utf-8", "replace") if form == "json" else write_xml(fields)
