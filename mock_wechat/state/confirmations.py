"""The administrator's confirmations of unknown IP addresses, and how long a refusal lasts (WECHAT.md 1.4)."""

from dataclasses import dataclass, field

HOUR, DAY = 3600, 86400


@dataclass
class _Address:
    """The administrator's answers about one IP address."""

    allowed: bool = False
    pending: bool = False
    refusals: list[float] = field(default_factory=list)

    @property
    def state(self) -> str:
        """A refusal is shown even after it has expired, until the next question."""
        return "pending" if self.pending else "allowed" if self.allowed else "refused"

    def refusal(self, now: float) -> int | None:
        """89506 for a day after a second refusal within a day, 89507 for an hour after any other."""
        if not self.refusals:
            return None
        last = self.refusals[-1]
        twice = len(self.refusals) > 1 and last - self.refusals[-2] < DAY
        if now - last >= (DAY if twice else HOUR):
            return None
        return 89506 if twice else 89507


class Confirmations:
    """Questions and answers per (appid, ip)."""

    def __init__(self) -> None:
        self._addresses: dict[tuple[str, str], _Address] = {}

    def ask(self, appid: str, ip: str, now: float) -> int | None:
        """The errcode of an AppSecret call from `ip`; None if it may pass."""
        address = self._addresses.setdefault((appid, ip), _Address())
        if address.allowed:
            return None
        if address.pending:
            return 89501
        if refusal := address.refusal(now):
            return refusal
        address.pending = True
        return 89503

    def answer(self, appid: str, ip: str, *, allow: bool, now: float) -> None:
        """Allow or refuse `ip`, asked or not."""
        address = self._addresses.setdefault((appid, ip), _Address())
        address.pending, address.allowed = False, allow
        if allow:
            address.refusals.clear()
        else:
            address.refusals.append(now)

    def as_json(self) -> list[dict[str, str]]:
        """Every address with a question or answer, oldest first."""
        return [{"appid": appid, "ip": ip, "state": it.state} for (appid, ip), it in self._addresses.items()]

    def forget_account(self, appid: str) -> None:
        """Forget an account's questions and answers."""
        self._addresses = {key: address for key, address in self._addresses.items() if key[0] != appid}
