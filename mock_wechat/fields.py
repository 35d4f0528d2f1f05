"""Reads and checks the fields of a control call, and names a wrong one."""

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from ipaddress import ip_address
from typing import Any, TypeVar

T = TypeVar("T")
D = TypeVar("D")
Check = Callable[[object], T]
"""Returns the value, typed; raises TypeError or ValueError with what it must be."""


class WrongField(ValueError):
    """A control call's field is wrong; `field` is its name."""

    def __init__(self, field: str, error: str) -> None:
        super().__init__(f"{field}: {error}")
        self.field = field
        self.error = error


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
        return self._checked(name, check)

    def may(self, name: str, check: Check[T], default: D) -> T | D:
        """The checked value, or `default` if the field was left out. Raises WrongField."""
        self._known.append(name)
        return self._checked(name, check) if name in self._given else default

    def read(self, checks: Mapping[str, Check[Any]], defaults: object) -> dict[str, Any]:
        """The checked values of several optional fields; what was left out is an attribute of `defaults`."""
        return {name: self.may(name, check, getattr(defaults, name)) for name, check in checks.items()}

    def done(self) -> None:
        """Raises WrongField if a field was given that was never read."""
        for name in self._given:
            close = get_close_matches(name, self._known, n=1)
            meant = f"did you mean {close[0]!r}?" if close else f"known are {', '.join(self._known) or 'none'}"
            raise WrongField(name, f"unknown field {name!r}, {meant}")

    def _checked(self, name: str, check: Check[T]) -> T:
        try:
            return check(self._given.pop(name))
        except (TypeError, ValueError) as problem:
            raise WrongField(name, f"{name} {problem}") from None


def text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError("must be a non-empty string")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("contains a lone surrogate")
    return value


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
    """A whole number from 0, in digits as a query has it."""
    digits = text(value)
    if not (digits.isascii() and digits.isdecimal()) or len(digits) > len(str(10**9)):
        raise ValueError("must be a whole number")
    return int(digits)


def number(minimum: float, maximum: float) -> Check[float]:
    """A check for a number from `minimum` to `maximum`."""

    def check(value: object) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise TypeError("must be a number")
        if not minimum <= value <= maximum:
            raise ValueError(f"must be from {minimum:g} to {maximum:g}")
        return value

    return check


def whole(minimum: int, maximum: int) -> Check[int]:
    """A check for an integer from `minimum` to `maximum`."""

    def check(value: object) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise TypeError("must be a whole number")
        if not minimum <= value <= maximum:
            raise ValueError(f"must be from {minimum} to {maximum}")
        return value

    return check


def one_of(*choices: T) -> Check[T]:
    """A check for one of these values."""

    def check(value: object) -> T:
        for choice in choices:
            if choice == value and type(choice) is type(value):
                return choice
        raise ValueError(f"must be one of {', '.join(map(str, choices))}")

    return check


def or_null(check: Check[T]) -> Check[T | None]:
    """A check that accepts null as None."""
    return lambda value: None if value is None else check(value)


def list_of(check: Check[T]) -> Check[tuple[T, ...]]:
    """A check for a list, each item by `check`."""

    def check_all(value: object) -> tuple[T, ...]:
        if not isinstance(value, list | tuple):
            raise TypeError("must be a list")
        return tuple(check(item) for item in value)

    return check_all
