"""The words that the mock's moderation finds."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Literal

from .. import fields

Suggest = Literal["pass", "review", "risky"]
SUGGESTS: tuple[Suggest, ...] = ("pass", "review", "risky")
"""From best to worst."""

LABELS = (100, 10001, 20001, 20002, 20003, 20006, 20008, 20012, 20013, 21000)
"""Labels of msg_sec_check 2 (WECHAT.md 3.2)."""
LEVELS = (20, 90)

TEST_STRINGS = (
    "特3456书yuuo莞6543李zxcz蒜7782法fgnv级",
    "完2347全dfji试3726测asad感3847知qwez到",
)
"""WeChat's own: each gives 87014 in version 1, and nothing in version 2 (WECHAT.md 3.1)."""


@dataclass(frozen=True)
class Word:
    """One word, its verdict and label, and the strategy that finds it.

    With a `prob` (0 to 100) the content model finds it; with a `level` or neither, the account's keyword list.

    `result_label` is the label of the whole result, if it differs from the finding's.
    """

    word: str
    suggest: Suggest = "risky"
    label: int = 21000
    level: int | None = None
    prob: int | None = None
    result_label: int | None = None

    @classmethod
    def read(cls, given: object) -> "Word":
        """Read a control call's word or object. Raises TypeError or ValueError."""
        if isinstance(given, str):
            return cls(fields.text(given))
        if not isinstance(given, dict):
            raise TypeError('must hold words or {"word", "suggest", "label", "level", "prob", "result_label"}')
        entry = fields.Fields(given)
        label = fields.one_of(*LABELS)
        try:
            word = cls(
                entry.need("word", fields.text),
                entry.may("suggest", fields.one_of(*SUGGESTS), cls.suggest),
                entry.may("label", label, cls.label),
                entry.may("level", fields.or_null(fields.one_of(*LEVELS)), None),
                entry.may("prob", fields.or_null(fields.whole(0, 100)), None),
                entry.may("result_label", fields.or_null(label), None),
            )
            entry.done()
        except fields.WrongField as wrong:
            raise ValueError(f"has a wrong entry: {wrong.error}") from None
        return word

    def as_json(self) -> dict[str, object]:
        """The fields that were set."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def found(words: Iterable[Word], text: str) -> list[Word]:
    """The words in `text`, worst first, else in the order of the list."""
    hits = [word for word in words if word.word in text]
    return sorted(hits, key=lambda word: -SUGGESTS.index(word.suggest))
