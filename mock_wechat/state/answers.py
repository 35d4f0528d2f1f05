"""Taught answers: what a path answers that the mock does not know, or instead of the mock's own answer."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import get_args

from ..wire import Request, path_matches
from .accounts import Kind

Content = dict[str, object] | bytes
"""A JSON object, or a body as it is."""
Taught = Content | Callable[[Request], Content]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Answer:
    """What a path answers to accounts of these `kinds`; without `needs_token` no credential is checked or counted.

    `content_type` None is the path's own for JSON, application/octet-stream for bytes.
    """

    path: str
    taught: Taught
    content_type: str | None = None
    kinds: tuple[Kind, ...] = KINDS
    needs_token: bool = True

    def content(self, request: Request) -> Content:
        """The answer to this call. Raises what a function raises, TypeError or ValueError for an unusable result."""
        return checked(self.taught(request)) if callable(self.taught) else self.taught

    def as_json(self) -> dict[str, object]:
        """The fields of a control call; a function is shown by its name."""
        shown: dict[str, object] = {"path": self.path}
        if isinstance(self.taught, bytes):
            shown["body_length"] = len(self.taught)
        elif callable(self.taught):
            shown["function"] = getattr(self.taught, "__name__", type(self.taught).__name__)
        else:
            shown["answer"] = self.taught
        return shown | {"content_type": self.content_type, "kinds": self.kinds, "needs_token": self.needs_token}


class Answers:
    """The taught answers by path; the last for a path counts."""

    def __init__(self) -> None:
        self.by_path: dict[str, Answer] = {}

    def find(self, path: str, *, built_in: bool) -> Answer | None:
        """The answer for a path. A prefix applies to paths that are not built in; the longest one counts."""
        if path in self.by_path or built_in:
            return self.by_path.get(path)
        prefixes = [known for known in self.by_path if path_matches(path, known)]
        return self.by_path[max(prefixes, key=len)] if prefixes else None


def checked(content: object) -> Content:
    """A usable answer. Raises TypeError or ValueError."""
    if isinstance(content, bytes):
        return content
    if not isinstance(content, dict):
        raise TypeError(f"must be a JSON object or bytes, not {type(content).__name__}")
    try:
        json.dumps(content, allow_nan=False, default=asdict)
    except (TypeError, ValueError, RecursionError) as problem:
        raise ValueError(f"must be valid as JSON: {problem}") from None
    return content
