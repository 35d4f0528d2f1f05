"""One delivery of a message as WeChat does it: 5 seconds per attempt, 3 attempts (WECHAT.md 6)."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from http import HTTPStatus
from random import Random
from typing import Any, get_args
from urllib.parse import urlencode

from ..extras import MissingExtra
from ..fields import Fields, WrongField, one_of
from ..state import State
from ..state.accounts import Account, PushFormat, PushMode, http_url
from ..state.pushes import Outcome, Push, PushFault
from .messages import PushRequest, pack
from .outbound import CallFailed, Outbound

PUSH_SECONDS = 5.0
ATTEMPTS = 3
MAX_ANSWER_BYTES = 64 * 1024
HEADERS = {"Accept": "*/*", "User-Agent": "Mozilla/4.0"}
NO_REPLY = (b"", b"success")
Read = Callable[[bytes], object]
"""Reads an answer with status 200. Raises ValueError for an unusable one."""
EMPTY = PushRequest({}, b"", "")
FINAL = ("accepted", "forbidden", "unsent")
"""Outcomes after which WeChat makes no other attempt."""


@dataclass(frozen=True)
class Result:
    """The result of one attempt. `status` and `answer` are the receiver's; `detail` explains what is wrong."""

    outcome: Outcome
    status: int | None = None
    answer: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class PushJob:
    """What is delivered: a message to the account's push_url, in its mode and format; `seed` makes the nonces.

    Without `read`, answers other than NO_REPLY are refused. With it, only a push without an answer is repeated.
    """

    message: Mapping[str, object]
    account: Account
    seed: int
    fault: PushFault = field(default_factory=PushFault)
    trace_id: str | None = None
    read: Read | None = None


class Sender:
    """Makes the attempts of each delivery and logs them. HTTP calls are never made under the state's lock.

    `clock` returns the Unix seconds that pushes are stamped with; `seconds` is a receiver's time limit.
    """

    def __init__(self, state: State, outbound: Outbound, clock: Callable[[], float], seconds: float) -> None:
        self._state = state
        self._outbound = outbound
        self.clock = clock
        self._seconds = seconds

    def deliver(self, job: PushJob, log: deque[Push]) -> list[Push]:
        """Deliver a message and log each attempt; returns the attempts."""
        account = job.account
        entries = []
        for copy, attempt, request, result in self._attempts(job):
            with self._state.lock:
                push = Push(
                    id=next(self._state.push_queue.ids),
                    at=self._state.clock(),
                    appid=account.appid,
                    trace_id=job.trace_id,
                    url=str(account.push_url),
                    mode=account.push_mode,
                    format=account.form,
                    copy=copy,
                    attempt=attempt,
                    query=request.query,
                    body=request.body.decode(),
                    message=job.message,
                    **asdict(result),
                )
                log.append(push)
            entries.append(push)
        return entries

    def send(self, method: str, url: str, request: PushRequest, read: Read) -> Result:
        """One attempt."""
        headers = HEADERS | ({"Content-Type": request.content_type} if request.body else {})
        address = url.partition("#")[0]
        address += ("&" if "?" in address else "?") + urlencode(request.query)
        try:
            answer = self._outbound.call(method, address, self._seconds, MAX_ANSWER_BYTES, request.body, headers)
        except CallFailed as failed:
            return Result(failed.problem, detail=str(failed))
        body = answer.body.decode("utf-8", "replace")
        if answer.status != HTTPStatus.OK:
            return Result("refused", answer.status, body)
        try:
            read(answer.body)
        except ValueError as unusable:
            return Result("refused", answer.status, body, str(unusable) or None)
        return Result("accepted", answer.status, body)

    def _attempts(self, job: PushJob) -> Iterator[tuple[int, int, PushRequest, Result]]:
        fault, account = job.fault, job.account
        if fault.lose:
            yield 1, 1, EMPTY, Result("lost")
            return
        random = Random(job.seed)  # noqa: S311 -- nonces repeat by seed on purpose
        for copy in range(1, fault.copies + 1):
            for attempt in range(1, ATTEMPTS + 1):
                try:
                    request = pack(job.message, account, int(self.clock()) + fault.stamp_seconds, random)
                except (MissingExtra, ValueError) as problem:  # no cryptography, or an invalid key
                    request, result = EMPTY, Result("unsent", detail=str(problem))
                else:
                    if fault.wrong_signature:  # well-formed, but reversed
                        query = {name: it[::-1] if "signature" in name else it for name, it in request.query.items()}
                        request = replace(request, query=query)
                    result = self.send("POST", str(account.push_url), request, job.read or exactly(*NO_REPLY))
                yield copy, attempt, request, result
                if result.outcome in FINAL or (job.read and result.status == HTTPStatus.OK):
                    break


def exactly(*expected: bytes) -> Read:
    """A Read that accepts these answers only."""

    def read(body: bytes) -> None:
        if body not in expected:
            raise ValueError

    return read


def push_settings(given: Fields) -> dict[str, Any]:
    """The account's settings that a call's `url`, `mode` and `format` replace. Raises WrongField."""
    checks = {"url": http_url, "mode": one_of(*get_args(PushMode)), "format": one_of(*get_args(PushFormat))}
    read = {f"push_{name}": given.may(name, check, None) for name, check in checks.items()}
    return {name: value for name, value in read.items() if value is not None}


def missing_url(account: Account) -> WrongField:
    return WrongField("url", f"{account.appid} has no push_url: give url here, or push_url at /_mock/accounts")
