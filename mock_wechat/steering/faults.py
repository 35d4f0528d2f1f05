"""What goes wrong next."""

from ..api import ENDPOINTS
from ..fault import Fault
from ..fields import Fields
from ..state import State


def add_fault(state: State, given: Fields) -> object:
    fault = Fault.read(given, ENDPOINTS)
    state.faults.add(fault)
    return fault.as_json()


def show_faults(state: State, given: Fields) -> object:
    given.done()
    return {"faults": [fault.as_json() for fault in state.faults.pending()]}


def forget_faults(state: State, given: Fields) -> object:
    given.done()
    state.faults.forget()
    return {}
