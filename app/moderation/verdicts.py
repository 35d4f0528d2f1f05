"""What a content check found, in the words of WeChat's version 2 whatever API was asked."""

from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

Suggest = Literal["pass", "review", "risky"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A result, not an error. `label` and `label_name` are None where the API gives no reason (version 1)."""

    suggest: Suggest
    label: int | None
    label_name: str | None
    api: str
    """such as `msg_sec_check/1`"""
    checked: bool = True
    cached: bool = False
    trace_id: str | None = None
    detail: list[dict[str, Any]] | None = None

    @classmethod
    def without_label(cls, suggest: Suggest, api: str) -> Self:
        """What version 1 of an API can say."""
        return cls(suggest, None, None, api)

    def document(self) -> dict[str, Any]:
        """As it is answered: `trace_id` and `detail` only where there are any."""
        document = asdict(self)
        for optional in ("trace_id", "detail"):
            if document[optional] is None:
                del document[optional]
        return document
