"""The tags of each official account; who has a tag is kept with the followers."""

from collections.abc import Mapping

SYSTEM_TAGS = (0, 1, 2)
"""Ids that WeChat reserves (编辑标签)."""
_STARRED: Mapping[int, str] = {2: "星标组"}
_FIRST_ID = 100


class Tags:
    """Tag names by id, per account."""

    def __init__(self) -> None:
        self._tags: dict[str, dict[int, str]] = {}
        self._last_ids: dict[str, int] = {}

    def of(self, appid: str) -> dict[int, str]:
        return self._tags.setdefault(appid, dict(_STARRED))

    def create(self, appid: str, name: str) -> int:
        """Add a tag; ids are never used again."""
        self._last_ids[appid] = self._last_ids.get(appid, _FIRST_ID - 1) + 1
        self.of(appid)[self._last_ids[appid]] = name
        return self._last_ids[appid]
