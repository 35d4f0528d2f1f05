"""Calls to WeChat: hosts, retries, deadline; errors without secrets."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from http import HTTPStatus
from random import Random, SystemRandom
from typing import Any

from ..errors import WeChatUnavailable
from .calls import Call, Outcome, Trouble, outcome, without_answer
from .exchange import Exchange, NoAnswer, Request, deadline, seconds_left
from .hosts import Hosts

ObserveCall = Callable[[str, int | None], None]
"""called after each attempt with its endpoint and errcode: 0 for success, None without a usable answer"""

_MOCK_SECONDS = 1.0
_LEAST_SHARE = 1 / 10
"""of the deadline; no attempt starts with less left"""


class Transport:
    """Sends calls to the first of `hosts` that can be reached. Safe to share.

    `deadline_seconds` bounds a call over all attempts, hosts and bytes.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        connect_timeout_seconds: float = 3,
        read_timeout_seconds: float = 5,
        deadline_seconds: float = 10,
        proxy: str | None = None,
        observe: ObserveCall = lambda _endpoint, _errcode: None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        random: Random | None = None,
    ) -> None:
        self.hosts = Hosts(hosts, clock)
        self._exchange = Exchange(connect_timeout_seconds, read_timeout_seconds, proxy=proxy, clock=clock)
        self._deadline = deadline_seconds
        self._observe = observe
        self._sleep = sleep
        self._random = random or SystemRandom()
        self._mocks: dict[str, bool] = {}

    def one_deadline(self) -> AbstractContextManager[None]:
        """Give all calls within this block one common deadline."""
        return deadline(self._deadline)

    def send(self, call: Call) -> dict[str, Any]:
        """WeChat's answer, after further attempts if `call.retry` allows them. Raises WeChatError."""
        with self.one_deadline():
            last = self._attempt(call)
            for shortest, longest in call.retry.waits:
                wait = self._random.uniform(shortest, longest)
                if last.trouble not in call.retry.after or seconds_left() - wait < self._deadline * _LEAST_SHARE:
                    break
                self._sleep(wait)
                last = self._attempt(call)
        # Raised outside of any `except`: a chained exception could keep the URL, and with it the token.
        if last.error:
            raise last.error
        return last.answer

    def probe(self, host: str) -> str | None:
        """The Date header of `host`'s answer to `GET /`. Raises WeChatUnavailable with the reason."""
        with self.one_deadline():
            try:
                return self._exchange.send(Request("GET", f"{host}/")).headers.get("Date")
            except NoAnswer as failure:
                reason = failure.reason
        raise WeChatUnavailable(reason)

    def is_mock(self, host: str) -> bool:
        """Whether `host` is a mock WeChat. Asked until it answers once, for 1 s at most each time."""
        if host not in self._mocks:
            with deadline(_MOCK_SECONDS):
                try:
                    answer = self._exchange.send(Request("GET", f"{host}/_mock/faults"))
                except NoAnswer:
                    return False
            self._mocks[host] = answer.status == HTTPStatus.OK and b'"faults"' in answer.body
        return self._mocks[host]

    def _attempt(self, call: Call) -> Outcome:
        came = self._ask_hosts(call) or without_answer(call, "could not be reached")
        self._observe(call.endpoint, came.errcode)
        return came

    def _ask_hosts(self, call: Call) -> Outcome | None:
        """The outcome at the first reachable host; None if there is none, or no time left."""
        hosts = self.hosts.in_order()
        for position, host in enumerate(hosts):
            if seconds_left() <= 0:
                break
            try:
                answer = self._exchange.send(call.request(host), seconds_left() / (len(hosts) - position))
            except NoAnswer as failure:
                if failure.connected:
                    return without_answer(call, failure.reason, Trouble.LATE if failure.late else Trouble.BROKEN)
                self.hosts.unreachable(host)
            else:
                self.hosts.reached(host)
                return outcome(call, answer)
        return None
