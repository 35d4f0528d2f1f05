"""The words that the mock's moderation takes offence at."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from . import fields

Suggest = Literal["review", "risky"]
SUGGESTS: tuple[Suggest, ...] = ("review", "risky")

LABELS = (10001, 20001, 20002, 20003, 20006, 20008, 20012, 20013, 21000)
"""What msg_sec_check 2 calls a finding (WECHAT.md 3.2)."""

TEST_STRINGS = (
    "特3456书yuuo莞6543李zxcz蒜7782法fgnv级",
    "完2347全dfji试3726测asad感3847知qwez到",
)
"""WeChat's own: each gives 87014 in version 1, and nothing at all in version 2 (WECHAT.md 3.1)."""


@dataclass(frozen=True)
class Word:
    """One word, how bad it is and what kind of bad."""

    word: str
    suggest: Suggest = "risky"
    label: int = 21000

    @classmethod
    def read(cls, given: object) -> "Word":
        """From a control call: the bare word or an object. Raises TypeError or ValueError."""
        if isinstance(given, str):
            return cls(fields.text(given))
        if not isinstance(given, dict):
            raise TypeError('must hold words or {"word", "suggest", "label"}')
        entry = fields.Fields(given)
        try:
            word = cls(
                entry.need("word", fields.text),
                entry.may("suggest", fields.one_of(*SUGGESTS), cls.suggest),
                entry.may("label", fields.one_of(*LABELS), cls.label),
            )
            entry.done()
        except fields.WrongField as wrong:
            raise ValueError(f"has a wrong entry: {wrong.error}") from None
        return word

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def worst(words: Iterable[Word], text: str) -> Word | None:
    """The first word that makes `text` risky, else the first that makes it worth a review."""
    found = [word for word in words if word.word in text]
    return next((word for word in found if word.suggest == "risky"), found[0] if found else None)
