"""The control call that shows what users sent; POST is in PUSH_ACTIONS, as it calls the account's server."""

from ..fields import Fields, count, text
from ..state import State
from .action import Action


def show_messages(state: State, given: Fields) -> object:
    appid = given.may("appid", text, None)
    after = given.may("after", count, 0)
    given.done()
    messages = [message.as_json() for message in state.messages.find(appid, after)]
    return {"messages": messages, "last_id": state.messages.last_id}


ACTIONS: dict[str, dict[str, Action]] = {"/messages": {"GET": show_messages}}
