"""Several things that go wrong at once, by name."""

from ..fields import Fields, one_of
from ..scenarios import SCENARIOS
from ..state import State
from .steer import named_account


def show_scenarios(state: State, given: Fields) -> object:  # noqa: ARG001 -- as all control calls
    given.done()
    return {"scenarios": [{"name": name, "sentence": it.sentence} for name, it in SCENARIOS.items()]}


def apply_scenario(state: State, given: Fields) -> object:
    """For one account, or without `appid` for all."""
    name = given.need("name", one_of(*SCENARIOS))
    account = named_account(state, given)
    given.done()
    appid = account.appid if account else None
    SCENARIOS[name].apply(state, appid)
    return {"name": name, "appid": appid, "sentence": SCENARIOS[name].sentence}
