"""What the mock says about words and signatures."""

from ..fields import Fields, list_of, text
from ..state import State
from ..verify import Signed, verify
from ..words import Word


def check_signature(state: State, given: Fields) -> object:
    names = ("appid", "timestamp", "nonceStr", "signature", "url")
    signed = Signed(*(given.need(name, text) for name in names))
    given.done()
    return verify(state, signed)


def show_words(state: State, given: Fields) -> object:
    given.done()
    return {"words": [word.as_json() for word in state.words]}


def set_words(state: State, given: Fields) -> object:
    words = given.need("words", list_of(Word.read))
    given.done()
    state.words = words
    return {"words": [word.as_json() for word in words]}
