"""Carries verdicts to the accounts' servers as WeChat does: 5 seconds a try, 3 tries (WECHAT.md 5, 6)."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from random import Random
from urllib.parse import urlencode

from ..accounts import Account
from ..crypto import signature
from ..state import State
from .checks import Check
from .delivery import Address, Delivery, Result, Try
from .judging import look_at
from .log import Push
from .messages import Parcel, event
from .outbound import Answer, CallFailed, Outbound

PUSH_SECONDS = 5.0
TRIES = 3
MOST_BYTES = 64 * 1024
"""Of an answer to a push."""
HEADERS = {"Accept": "*/*", "User-Agent": "Mozilla/4.0"}
NOTHING = Parcel({}, b"", "")
FINAL = ("accepted", "forbidden", "unsent")
"""Trying again would change nothing."""


@dataclass(frozen=True)
class Courier:
    """Judges and delivers on the thread of whoever asks, never under the state's lock.

    `clock` gives the Unix seconds that are stamped on what is sent: the receiver's time, not the one that the control
    plane moves. `seconds` is how long a receiver may take.
    """

    state: State
    outbound: Outbound
    clock: Callable[[], float]
    seconds: float

    def deliver(self, check: Check, account: Account, address: Address) -> list[Push]:
        """Every try that this verdict took, logged."""
        log = self.state.checks.log  # the one of now: a reset does not see what began before it
        delivery = Delivery(check, account, address, Random(check.seed))  # noqa: S311 -- nonces repeat by seed on purpose
        message: Mapping[str, object] = {}
        if not check.fault.lose:
            message = event(check, look_at(check, self.outbound), int(self.clock()))
        pushes = []
        for made in self._tries(delivery, message):
            with self.state.lock:
                pushes.append(delivery.entry(log.next_id(), self.state.clock(), message, made))
                log.add(pushes[-1])
        return pushes

    def check_url(self, account: Account, url: str) -> Result:
        """WeChat's GET when the URL is entered: accepted if `echostr` comes back as it was (WECHAT.md 6)."""
        with self.state.lock:
            nonce, echostr = (str(self.state.random.randrange(10**9, 10**10)) for _ in range(2))
        timestamp = str(int(self.clock()))
        signed = signature(account.push_token, timestamp, nonce)
        query = {"signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": echostr}
        return self._sent("GET", url, Parcel(query, b"", ""), lambda body: body == echostr.encode())

    def _tries(self, delivery: Delivery, message: Mapping[str, object]) -> Iterator[Try]:
        if delivery.check.fault.lose:
            yield Try(1, 1, NOTHING, Result("lost"))
            return
        for copy in range(1, delivery.check.fault.copies + 1):
            for attempt in range(1, TRIES + 1):
                made = self._try(delivery, message, copy, attempt)
                yield made
                if made.result.outcome in FINAL:
                    break

    def _try(self, delivery: Delivery, message: Mapping[str, object], copy: int, attempt: int) -> Try:
        try:
            parcel = delivery.parcel(message, int(self.clock()))
        except (ImportError, ValueError) as problem:  # no cryptography, or a key that is none
            return Try(copy, attempt, NOTHING, Result("unsent", detail=str(problem)))
        result = self._sent("POST", delivery.address.url, parcel, lambda body: body in (b"", b"success"))
        return Try(copy, attempt, parcel, result)

    def _sent(self, method: str, url: str, parcel: Parcel, is_good: Callable[[bytes], bool]) -> Result:
        headers = HEADERS | ({"Content-Type": parcel.content_type} if parcel.body else {})
        to, body = _with(url, parcel.query), parcel.body or None
        try:
            answer = self.outbound.call(method, to, self.seconds, MOST_BYTES, body, headers)
        except CallFailed as failed:
            return Result(failed.problem, detail=str(failed))
        return _result(answer, is_good(answer.body))


def _with(url: str, query: Mapping[str, str]) -> str:
    """The URL with WeChat's parameters behind its own."""
    address = url.partition("#")[0]
    return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"


def _result(answer: Answer, is_good: bool) -> Result:
    text = answer.body.decode("utf-8", "replace")
    if answer.status == HTTPStatus.OK and is_good:
        return Result("accepted", answer.status, text)
    return Result("refused", answer.status, text)
