"""The tree at the top of exceptions.py is the tree that the classes make."""

import inspect
import re

from app import errors as exceptions
from app.errors import CentralServerError


def depth_of(kind: type) -> int:
    return len([base for base in kind.__mro__ if issubclass(base, CentralServerError)]) - 1


def test_the_drawing_is_the_tree() -> None:
    drawn = {}
    for line in (exceptions.__doc__ or "").splitlines():
        found = re.match(r"([│├└─ ]*)([A-Z]\w+)(?: {2,}|$)", line)
        if found:
            drawn[found[2]] = len(found[1]) // 4
    defined = {
        name: depth_of(kind)
        for name, kind in inspect.getmembers(exceptions, inspect.isclass)
        if issubclass(kind, CentralServerError)
    }
    assert drawn == defined
