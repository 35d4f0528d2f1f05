"""Which mini program's subscription messages a user accepts, and how many."""


class Subscriptions:
    """The consents of users. Without any, a user accepts all: most tests begin with a user who agreed."""

    def __init__(self) -> None:
        self._left: dict[tuple[str, str, str | None], int | None] = {}

    def set(self, appid: str, openid: str, template_id: str | None, left: int | None) -> None:
        """Accept `left` messages (None: any number) of one template, or of all templates (None)."""
        if template_id is None:
            for key in [key for key in self._left if key[:2] == (appid, openid)]:
                del self._left[key]
        self._left[appid, openid, template_id] = left

    def take(self, appid: str, openid: str, template_id: str) -> bool:
        """Count one message of a template; False if the user does not accept it."""
        key: tuple[str, str, str | None] = (appid, openid, template_id)
        left = self._left.setdefault(key, self._left.get((appid, openid, None)))
        if left is not None and left > 0:
            self._left[key] = left - 1
        return left != 0
