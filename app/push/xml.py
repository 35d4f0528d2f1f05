"""WeChat's XML, read by expat without what makes XML dangerous: no DTD, so no entities, and no deep nesting."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat
from xml.sax.saxutils import escape

_DEEPEST = 16
_MOST_ELEMENTS = 1000
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]+")
_CDATA = re.compile(r"<!\[CDATA\[(?:(.*?)\]\]>(?=\s*</)|.*)", re.DOTALL)
"""WeChat puts users' texts into CDATA as they are, `]]>` included: the section ends where a closing tag follows.

One without an end takes all the rest: no other ends then, and looking for each one's end would take seconds.
"""


def read_xml(text: str) -> dict[str, Any]:
    """The elements below the root by name: text, a dict where there are elements inside, a list where several.

    Characters that XML does not allow are left out. What cannot be parsed ends the reading: the elements before it
    count. A DTD, more than 16 levels or more than 1,000 elements make the whole unreadable: nothing is returned.
    """
    text = _NOT_XML.sub("", text)
    fields, is_whole = _parse(text)
    if not is_whole:
        fields, _ = _parse(_CDATA.sub(lambda cdata: escape(cdata[1] or ""), text))
    return fields


def _parse(text: str) -> tuple[dict[str, Any], bool]:
    """The elements that could be read, and whether that was all of them."""
    reader = _Reader()
    parser = expat.ParserCreate("UTF-8")  # whatever encoding the document declares
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(text, True)
    except expat.ExpatError:
        return reader.root, False
    except ValueError:  # raised by the reader
        return {}, True
    return reader.root, True


def write_xml(message: Mapping[str, str | int]) -> bytes:
    """The message with `<xml>` around it, as WeChat takes it in answers: texts in CDATA, numbers bare."""
    return f"<xml>{''.join(_elements(message))}</xml>".encode()


class _Reader:
    """Collects elements; `root` has those below the root that have ended so far."""

    def __init__(self) -> None:
        self.root: dict[str, Any] = {}
        self._open: list[tuple[dict[str, Any], list[str]]] = []
        """children and text of each open element"""
        self._count = 0

    def refuse(self, *_: object) -> None:
        raise ValueError("XML with a DTD")

    def begin(self, _name: str, _attributes: object) -> None:
        self._count += 1
        if len(self._open) >= _DEEPEST or self._count > _MOST_ELEMENTS:
            raise ValueError("XML with too many elements")
        self._open.append(({}, []) if self._open else (self.root, []))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        children, texts = self._open.pop()
        if not self._open:
            return
        content: dict[str, Any] | str = children or "".join(texts).strip()
        siblings = self._open[-1][0]
        if name not in siblings:
            siblings[name] = content
        elif isinstance(siblings[name], list):
            siblings[name].append(content)
        else:
            siblings[name] = [siblings[name], content]


def _elements(message: Mapping[str, str | int]) -> Iterator[str]:
    for name, value in message.items():
        text = value if isinstance(value, int) else f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>"
        yield f"<{name}>{text}</{name}>"
