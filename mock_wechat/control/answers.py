"""The control calls that teach the mock an answer, and list and forget what it was taught."""

from base64 import b64decode

from ..families import wechat_pattern
from ..fields import Fields, WrongField, flag, header, list_of, one_of, text
from ..state import State
from ..state.answers import KINDS, Answer, Content, Taught, checked
from .action import Action, without_fields


def teach(state: State, given: Fields) -> object:
    """Set what a path answers: `answer` or `body_base64`."""
    path = given.need("path", wechat_pattern)
    answer = given.may("answer", _usable, None)
    body = given.may("body_base64", _decoded, None)
    content_type = given.may("content_type", header, None)
    needs_token = given.may("needs_token", flag, True)
    kinds = given.may("kinds", list_of(one_of(*KINDS)), KINDS)
    given.done()
    if answer is not None and body is not None:
        raise WrongField("body_base64", "give either answer or body_base64, not both")
    taught = body if answer is None else answer
    if taught is None:
        raise WrongField("answer", "answer is missing: a JSON object, or body_base64")
    if not kinds or (not needs_token and kinds != KINDS):
        raise WrongField("kinds", "kinds must name a kind of account, and needs a token")
    known = state.answers.by_path[path] = Answer(path, taught, content_type, kinds, needs_token)
    return known.as_json()


def forget(state: State, given: Fields) -> object:
    """Forget the answer of one path, or all."""
    path = given.may("path", text, None)
    given.done()
    known = state.answers.by_path
    if path is None:
        known.clear()
    elif known.pop(path, None) is None:
        raise WrongField("path", f"path {path!r} has no answer; taught are {', '.join(known) or 'none'}")
    return {}


def _usable(given: object) -> Taught:
    """An object; in Python also bytes or a function."""
    return given if callable(given) else checked(given)


def _decoded(given: object) -> Content:
    if not isinstance(given, str):
        raise TypeError("must be a string")
    try:
        return b64decode(given, validate=True)
    except ValueError:
        raise ValueError("must be base64") from None


ACTIONS: dict[str, dict[str, Action]] = {
    "/answers": {
        "GET": without_fields(lambda state: {"answers": [each.as_json() for each in state.answers.by_path.values()]}),
        "POST": teach,
        "DELETE": forget,
    }
}
