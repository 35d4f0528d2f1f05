"""XML of passive replies, read by expat; without a DTD there are no entities to expand."""

from xml.parsers import expat

MAX_DEPTH = 8
MAX_ELEMENTS = 200


def read_xml(text: str) -> dict[str, object]:
    """The elements below `<xml>` by name: a text, a dict of inner elements, or a list for a repeated name.

    Raises ValueError for text that is not XML, another root, a DTD, or more than the limits.
    """
    reader = _Reader()
    parser = expat.ParserCreate("UTF-8")  # whatever encoding the document declares
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.StartElementHandler = reader.begin
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    try:
        parser.Parse(text, True)
    except expat.ExpatError as problem:
        raise ValueError(f"not XML: {problem}") from None
    [(name, root)] = reader.top.items()
    if name != "xml":
        raise ValueError(f"the root element is {name!r}, not 'xml'")
    return root if isinstance(root, dict) else {}


class _Reader:
    """Collects elements; `top` has the root at the end."""

    def __init__(self) -> None:
        self.top: dict[str, object] = {}
        self._open: list[tuple[dict[str, object], list[str]]] = [(self.top, [])]
        self._count = 0

    def refuse(self, *_: object) -> None:
        raise ValueError("it has a DTD")

    def begin(self, _name: str, _attributes: object) -> None:
        self._count += 1
        if self._count > MAX_ELEMENTS or len(self._open) > MAX_DEPTH:
            raise ValueError(f"more than {MAX_ELEMENTS} elements, or more than {MAX_DEPTH} levels")
        self._open.append(({}, []))

    def text(self, text: str) -> None:
        self._open[-1][1].append(text)

    def end(self, name: str) -> None:
        children, texts = self._open.pop()
        value: object = children or "".join(texts)
        siblings = self._open[-1][0]
        if name in siblings:
            known = siblings[name]
            value = [*known, value] if isinstance(known, list) else [known, value]
        siblings[name] = value
