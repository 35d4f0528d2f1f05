"""Control calls that take their time: what is left to do once the state's lock was given back."""

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass

from ..accounts import Account
from .checks import Check
from .courier import Courier
from .delivery import Address, Result
from .log import Push


class Errand(ABC):
    """The rest of a control call."""

    @abstractmethod
    def run(self, courier: Courier) -> object:
        """The call's answer."""


@dataclass(frozen=True)
class Deliveries(Errand):
    """Verdicts that wait no longer."""

    stops: list[tuple[Check, Account, Address]]

    def pushes(self, courier: Courier) -> list[Push]:
        return [push for stop in self.stops for push in courier.deliver(*stop)]

    def run(self, courier: Courier) -> object:
        return {"pushes": [push.as_json() for push in self.pushes(courier)]}


@dataclass(frozen=True)
class UrlCheck(Errand):
    """WeChat's question whether a URL is the account's own."""

    account: Account
    url: str

    def result(self, courier: Courier) -> Result:
        return courier.check_url(self.account, self.url)

    def run(self, courier: Courier) -> object:
        result = self.result(courier)
        return {"appid": self.account.appid, "url": self.url, "valid": result.outcome == "accepted", **asdict(result)}
