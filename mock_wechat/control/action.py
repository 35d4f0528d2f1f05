"""What a control call is: a function from the state and the call's fields to its answer."""

from collections.abc import Callable

from ..fields import Fields
from ..state import State

Action = Callable[[State, Fields], object]
"""Called under the state's lock. Raises WrongField."""


def without_fields(answer: Callable[[State], object]) -> Action:
    """A control call without fields; None is answered as an empty object."""

    def action(state: State, given: Fields) -> object:
        given.done()
        result = answer(state)
        return {} if result is None else result

    return action
