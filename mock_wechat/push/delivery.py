"""One verdict on its way: what is sent in each try, and the log entry that comes of it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from random import Random

from ..accounts import Account
from .checks import Check
from .log import Outcome, Push
from .messages import Parcel, pack
from .settings import PushFormat, PushMode


@dataclass(frozen=True)
class Address:
    """Where a push goes, and in which clothes."""

    url: str
    mode: PushMode
    format: PushFormat

    @classmethod
    def of(cls, account: Account) -> "Address":
        """What the account's administrator has set up."""
        return cls(account.push_url or "", account.push_mode, account.push_format)


@dataclass(frozen=True)
class Result:
    """What became of one try; `status` and `answer` are the receiver's, `detail` tells what stood in the way."""

    outcome: Outcome
    status: int | None = None
    answer: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class Try:
    """The `attempt` (1 to 3) for one of the `copies` of a verdict."""

    copy: int
    attempt: int
    parcel: Parcel
    result: Result


@dataclass(frozen=True)
class Delivery:
    """A verdict, its account and address; `random` makes the nonces."""

    check: Check
    account: Account
    address: Address
    random: Random

    def parcel(self, message: Mapping[str, object], now: int) -> Parcel:
        """Packed for one try at `now` (Unix seconds), with what the fault spoils."""
        fault = self.check.fault
        stamp = now + fault.stamp_seconds
        parcel = pack(message, self.account, self.address.mode, self.address.format, stamp, self.random)
        return replace(parcel, query=_spoilt(parcel.query)) if fault.wrong_signature else parcel

    def entry(self, number: int, at: float, message: Mapping[str, object], made: Try) -> Push:
        return Push(
            id=number,
            at=at,
            appid=self.check.appid,
            trace_id=self.check.trace_id,
            url=self.address.url,
            mode=self.address.mode,
            format=self.address.format,
            copy=made.copy,
            attempt=made.attempt,
            query=made.parcel.query,
            body=made.parcel.body.decode(),
            message=message,
            outcome=made.result.outcome,
            status=made.result.status,
            answer=made.result.answer,
            detail=made.result.detail,
        )


def _spoilt(query: Mapping[str, str]) -> dict[str, str]:
    """Signatures of the right form that fit nothing."""
    return {name: value[::-1] if name.endswith("signature") else value for name, value in query.items()}
