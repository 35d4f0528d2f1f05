"""The words that the mock's moderation finds."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Annotated, Literal

from ..fields import Fields, one_of, or_null, text, whole

Suggest = Literal["pass", "review", "risky"]
SUGGESTS: tuple[Suggest, ...] = ("pass", "review", "risky")
"""From best to worst."""

LABELS = (100, 10001, 20001, 20002, 20003, 20006, 20008, 20012, 20013, 21000)
"""Labels of msg_sec_check 2 (WECHAT.md 3.2)."""
LEVELS = (20, 90)

TEST_STRINGS = ("特3456书yuuo莞6543李zxcz蒜7782法fgnv级", "完2347全dfji试3726测asad感3847知qwez到")
"""WeChat's own: each gives 87014 in version 1, and nothing in version 2 (WECHAT.md 3.1)."""


@dataclass(frozen=True)
class Word:
    """One word, its verdict and label, and the strategy that finds it.

    With a `prob` (0 to 100) the content model finds it; with a `level` or neither, the account's keyword list.
    `result_label` is the label of the whole result, if it differs from the finding's.
    """

    word: Annotated[str, text]
    suggest: Annotated[Suggest, one_of(*SUGGESTS)] = "risky"
    label: Annotated[int, one_of(*LABELS)] = 21000
    level: Annotated[int | None, or_null(one_of(*LEVELS))] = None
    prob: Annotated[int | None, or_null(whole(0, 100))] = None
    result_label: Annotated[int | None, or_null(one_of(*LABELS))] = None

    @classmethod
    def read(cls, given: object) -> "Word":
        """Read one entry of a control call's `words`. Raises TypeError or ValueError."""
        if isinstance(given, str):
            return cls(text(given))
        if not isinstance(given, dict):
            raise TypeError('must hold words or {"word", "suggest", "label", "level", "prob", "result_label"}')
        return Fields(given).build(cls)

    def as_json(self) -> dict[str, object]:
        """The fields that are set."""
        return {name: value for name, value in asdict(self).items() if value is not None}


def found(words: Iterable[Word], content: str) -> list[Word]:
    """The words in `content`, worst first, otherwise in list order."""
    hits = [word for word in words if word.word in content]
    return sorted(hits, key=lambda word: -SUGGESTS.index(word.suggest))
