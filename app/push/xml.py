"""WeChat's XML, read without anything that makes XML dangerous: no DTD, hence no entities, and no deep nesting.

Python's own expat, told to refuse: fewer lines than a library would take, and nothing that can be configured away.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

_DEEPEST = 16
_MOST_ELEMENTS = 10_000


def read_xml(body: bytes) -> dict[str, Any]:
    """The elements below the root by name: text, a dict where there are elements inside, a list where several.

    Raises ValueError for what is no XML, has a DTD, is nested deeper than 16 or has more than 10,000 elements.
    """
    reader = _Reader()
    parser = expat.ParserCreate("UTF-8")  # whatever the document says of itself
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise ValueError(f"no XML: {error}") from None
    if not isinstance(reader.root, dict):
        raise ValueError("no XML with elements inside")  # noqa: TRY004 - a wrong message like the others
    return reader.root


def write_xml(message: Mapping[str, str | int]) -> bytes:
    """The message with `<xml>` around it, as WeChat takes it in answers: texts in CDATA, numbers bare."""
    return f"<xml>{''.join(_elements(message))}</xml>".encode()


class _Reader:
    """Collects elements. Each open one has its children so far and its text."""

    def __init__(self) -> None:
        self.root: dict[str, Any] | str = ""
        self._open: list[tuple[dict[str, Any], list[str]]] = []
        self._count = 0

    def refuse(self, *_: object) -> None:
        raise ValueError("XML with a DTD")

    def begin(self, _name: str, _attributes: object) -> None:
        self._count += 1
        if len(self._open) >= _DEEPEST or self._count > _MOST_ELEMENTS:
            raise ValueError("XML with too many elements")
        self._open.append(({}, []))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        children, texts = self._open.pop()
        content: dict[str, Any] | str = children or "".join(texts).strip()
        if not self._open:
            self.root = content
            return
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
