"""Moving WeChat's clock, and letting it stand still."""

from ..clock import LAST_SECOND
from ..fields import Fields, WrongField, flag, number
from ..state import State


def move_clock(state: State, given: Fields) -> object:
    """To where it is `set`, or by what it is to `advance`; `still` stops it there, or lets it run on."""
    still = given.may("still", flag, None)
    now = _asked(state, given)
    if now is None and still is None:
        given.need("advance", number(-LAST_SECOND, LAST_SECOND))
    given.done()
    if now is not None:
        _set(state, now)
    if still is not None:
        state.clock.hold(still=still)
    return {"now": state.clock()}


def _asked(state: State, given: Fields) -> float | None:
    if given.has("set") and given.has("advance"):
        raise WrongField("set", "give either advance or set, not both")
    if given.has("set"):
        return given.need("set", number(0, LAST_SECOND))
    advance = given.may("advance", number(-LAST_SECOND, LAST_SECOND), None)
    return None if advance is None else state.clock() + advance


def _set(state: State, now: float) -> None:
    try:
        state.clock.set(now)
    except ValueError as problem:
        raise WrongField("advance", f"advance goes too far: {problem}") from None
