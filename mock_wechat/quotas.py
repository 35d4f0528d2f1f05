"""Daily quotas per account and endpoint, new each midnight in Shanghai (WECHAT.md 12.4)."""

from dataclasses import dataclass

DAY = 86400
SHANGHAI = 8 * 3600


@dataclass
class _Counter:
    day: int
    limit: int
    used: int = 0


class Quotas:
    """Counts calls; who asks says how many are allowed."""

    def __init__(self) -> None:
        self._today: dict[tuple[str, str], _Counter] = {}

    def spend(self, appid: str, name: str, limit: int, now: float) -> bool:
        """Count one call to `name`. False, and nothing counted, if today's `limit` is used up."""
        counter = self._today.get((appid, name))
        if counter is None or counter.day != _day(now):
            counter = self._today[appid, name] = _Counter(_day(now), limit)
        counter.limit = limit
        if counter.used >= limit:
            return False
        counter.used += 1
        return True

    def of(self, appid: str, now: float) -> dict[str, dict[str, int]]:
        """What an account has used today, in the words of WeChat's openapi/quota/get."""
        return {
            name: {"daily_limit": it.limit, "used": it.used, "remain": max(0, it.limit - it.used)}
            for (owner, name), it in self._today.items()
            if owner == appid and it.day == _day(now)
        }

    def forget(self) -> None:
        self._today.clear()


def _day(now: float) -> int:
    return int((now + SHANGHAI) // DAY)
