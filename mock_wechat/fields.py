"""Read and check the fields of a control call; errors name the field."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from difflib import get_close_matches
from http import HTTPStatus
from ipaddress import ip_address
from typing import Any, TypeVar, get_type_hints

T = TypeVar("T")
D = TypeVar("D")
Check = Callable[[object], T]
"""Returns the typed value. Raises TypeError or ValueError that says what the value must be."""
MAX = 10**9


class WrongField(ValueError):
    """Invalid field, header or path of a control call; `field` is its name, `status` that of the answer."""

    def __init__(self, field: str, error: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(f"{field}: {error}")
        self.field = field
        self.error = error
        self.status = status


class Fields:
    """The fields of one call. Read each known field, then call `done`."""

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = dict(given)
        self._known: list[str] = []

    def need(self, name: str, check: Check[T]) -> T:
        """The checked value of a required field. Raises WrongField."""
        self._known.append(name)
        if name not in self._given:
            raise WrongField(name, f"{name} is missing")
        try:
            return check(self._given.pop(name))
        except WrongField as wrong:
            raise WrongField(name, f"{name} has an invalid entry: {wrong.error}") from None
        except (TypeError, ValueError) as problem:
            raise WrongField(name, f"{name} {problem}") from None

    def may(self, name: str, check: Check[T], default: D) -> T | D:
        """The checked value, or `default` if the field is omitted. Raises WrongField."""
        if name in self._given:
            return self.need(name, check)
        self._known.append(name)
        return default

    def build(self, kind: type[T], known: T | None = None) -> T:
        """A dataclass from the fields whose annotation has a check; `known` or the class gives the defaults.

        Raises WrongField, also for a field that remains.
        """
        values: dict[str, Any] = {}
        for name, hint in get_type_hints(kind, include_extras=True).items():
            if check := getattr(hint, "__metadata__", (None,))[0]:
                needed = known is None and not hasattr(kind, name)
                values[name] = self.need(name, check) if needed else self.may(name, check, getattr(known or kind, name))
        self.done()
        return replace(known, **values) if known else kind(**values)  # type: ignore[type-var]  # T is a dataclass

    def rest(self) -> dict[str, object]:
        """The fields that were not read yet. They count as read from now on."""
        rest, self._given = self._given, {}
        return rest

    def done(self) -> None:
        """Raises WrongField for the first field that was not read."""
        for name in self._given:
            close = get_close_matches(name, self._known, n=1)
            hint = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(self._known) or 'none'}"
            raise WrongField(name, f"unknown field {name!r}, {hint}")


def text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a non-empty string")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("contains a lone surrogate")
    return value


def header(value: object) -> str:
    """The value of an HTTP header."""
    given = text(value)
    if not given.isascii() or not given.isprintable():
        raise ValueError("must be plain ASCII, on one line")
    return given


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise TypeError("must be true or false")
    return value


def address(value: object) -> str:
    """An IP address in its short form."""
    try:
        return str(ip_address(text(value)))
    except ValueError:
        raise ValueError("must be an IP address") from None


def count(value: object) -> int:
    """A whole number from 0, as digits in a query."""
    digits = text(value)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > len(str(MAX)):
        raise ValueError("must be a whole number")
    return int(digits)


def number(minimum: float, maximum: float) -> Check[float]:
    """Check for a number from `minimum` to `maximum`."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("must be a number")
        if not minimum <= value <= maximum:
            raise ValueError(f"must be from {minimum} to {maximum}")
        return value

    return check


def whole(minimum: int, maximum: int = MAX) -> Check[int]:
    """Check for an integer from `minimum` to `maximum`."""
    in_range = number(minimum, maximum)

    def check(value: object) -> int:
        if not isinstance(value, int):
            raise TypeError("must be a whole number")
        return int(in_range(value))

    return check


def one_of(*choices: T) -> Check[T]:
    """Check for one of these values."""

    def check(value: object) -> T:
        for choice in choices:
            if choice == value and type(choice) is type(value):
                return choice
        raise ValueError(f"must be one of {', '.join(map(str, choices))}")

    return check


def or_null(check: Check[T]) -> Check[T | None]:
    """Check that accepts null as None."""
    return lambda value: None if value is None else check(value)


def list_of(check: Check[T]) -> Check[tuple[T, ...]]:
    """Check for a list, each item by `check`."""

    def check_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError("must be a list")
        return tuple(check(item) for item in value)

    return check_all
