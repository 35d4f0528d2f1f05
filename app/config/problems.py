"""What is wrong, said so that a person can mend it. No problem quotes what was set: it might be a secret."""

import difflib
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeVar

from pydantic import BaseModel, TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

Parsed = TypeVar("Parsed")
Spelling = Callable[[str], str]  # from a field to the name by which a person knows it; "" is all of the fields


class Problems:
    """Collects problems, a line each: the setting's name, what is wrong, an example of a right one."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, name: str, what: str, example: str = "") -> None:
        """Note a problem, unless it is known already."""
        line = f"{name}: {what}" + (f"; right is, for example: {example}" if example else "")
        if line not in self.lines:
            self.lines.append(line)

    def checked(
        self,
        kind: type[Parsed],
        values: Mapping[str, Any],
        spelled: Spelling,
        examples: Mapping[str, str],
        because: str = "",
    ) -> Parsed | None:
        """The values as a `kind`, a pydantic model or a dataclass; None if some are wrong, which is noted.

        `examples` has every field that may be set, with a right value or "". `because` is the setting for whose sake
        others must not be missing.
        """
        try:
            return TypeAdapter(kind).validate_python(values)
        except ValidationError as error:
            self._add_errors(error.errors(include_input=False, include_url=False), spelled, examples, because)
            return None

    def _add_errors(
        self, errors: Sequence[ErrorDetails], spelled: Spelling, examples: Mapping[str, str], because: str
    ) -> None:
        wrong = set()
        for error in errors:
            field = str(error["loc"][0]) if error["loc"] else ""
            if error["type"] == "too_short" and field in wrong:
                continue  # pydantic does not count wrong entries
            wrong.add(field)
            self.add(spelled(field), _said_plainly(error, examples, because), examples.get(field, ""))


def examples_of(model: type[BaseModel]) -> dict[str, str]:
    """The first example of each field, "" where there is none."""
    return {name: str((info.examples or [""])[0]) for name, info in model.model_fields.items()}


def nearest(word: str, known: Sequence[str]) -> str:
    """What may have been meant by a word that is not known."""
    close = difflib.get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"known are {', '.join(known)}"


def _said_plainly(error: ErrorDetails, examples: Mapping[str, str], because: str) -> str:
    match error["type"]:
        case "missing":
            return f"is missing, because {because} is set" if because else "is missing"
        case "extra_forbidden":
            return f"is unknown; {nearest(str(error['loc'][0]), list(examples))}"
        case "value_error":
            return str(error["ctx"]["error"])
        case "dict_type" | "model_type":
            return "must be a table"
        case "tuple_type":
            return "must be a list"
        case "too_short":
            return "must have at least one entry, or be left out"
        case "path_not_directory":
            return "there is no such folder"
    return error["msg"].removeprefix("Input ")
