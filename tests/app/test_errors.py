"""The tree at the top of errors.py is that of the classes."""

import inspect
import re

from app import errors
from app.errors import CentralServerError


def depth_of(kind: type) -> int:
    return len([base for base in kind.__mro__ if issubclass(base, CentralServerError)]) - 1


def test_the_drawing_is_the_tree() -> None:
    drawn = {}
    for line in (errors.__doc__ or "").splitlines():
        found = re.match(r"([│├└─ ]*)([A-Z]\w+)(?: {2,}|$)", line)
        if found:
            drawn[found[2]] = len(found[1]) // 4
    defined = {
        name: depth_of(kind)
        for name, kind in inspect.getmembers(errors, inspect.isclass)
        if issubclass(kind, CentralServerError)
    }
    assert drawn == defined
