"""What a started scenario has changed, so that it can be ended."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from .faults import Fault


@dataclass
class Running:
    """A scenario that runs since `since` (WeChat's clock), for one account or all (None).

    `faults` are the ones it set; `before` has the settings that it replaced, by appid.
    """

    name: str
    appid: str | None
    since: float
    faults: list[Fault]
    settings: Mapping[str, object]
    before: dict[str, dict[str, object]] = field(default_factory=dict)
