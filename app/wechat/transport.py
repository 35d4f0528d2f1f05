"""Calls to WeChat: which host, how long, how often; and silent about secrets."""

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from random import Random, SystemRandom
from typing import Any

from ..exceptions import WeChatUnavailable
from .calls import Call, Trouble
from .deadline import deadline, seconds_left
from .exchange import Exchange, NoAnswer
from .hosts import Hosts
from .outcomes import Outcome, outcome, without_answer

ObserveCall = Callable[[str, int | None], None]
"""is told the endpoint of each attempt and WeChat's errcode, 0 for success, None when nothing usable came back"""

_LEAST_SHARE = 1 / 10
"""of the deadline: with less left no further attempt is made"""


class Transport:
    """Sends calls to the first of `hosts` that can be reached. Safe to share.

    Times are in seconds; `deadline_seconds` bounds a call over all attempts, hosts and bytes. A host that could not be
    reached is set aside for `aside_seconds`.
    """

    def __init__(
        self,
        hosts: Sequence[str],
        *,
        connect_timeout_seconds: float = 3,
        read_timeout_seconds: float = 5,
        deadline_seconds: float = 10,
        aside_seconds: float = 30,
        proxy: str | None = None,
        observe: ObserveCall = lambda _endpoint, _errcode: None,
        clock: Callable[[], float] = time.time,
        sleep: Callable[[float], None] = time.sleep,
        random: Random | None = None,
    ) -> None:
        self._hosts = Hosts(hosts, aside_seconds, clock)
        self._exchange = Exchange(connect_timeout_seconds, read_timeout_seconds, proxy=proxy, clock=clock)
        self._deadline = deadline_seconds
        self._observe = observe
        self._sleep = sleep
        self._random = random or SystemRandom()

    def one_deadline(self) -> AbstractContextManager[None]:
        """Within this block all calls together have the time of one."""
        return deadline(self._deadline)

    def send(self, call: Call) -> dict[str, Any]:
        """WeChat's answer as a dict, after further attempts where `call.retry` allows them.

        Raises WeChatUnavailable, or what `errcodes` makes of an errcode.
        """
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

    def knock(self, host: str) -> str | None:
        """The Date header of whatever `host` (scheme, name, port) answers when it is asked for nothing.

        Raises WeChatUnavailable, which says what is in the way.
        """
        with self.one_deadline():
            try:
                return self._exchange.knock(f"{host}/")
            except NoAnswer as error:
                in_the_way = error.reason
        raise WeChatUnavailable(in_the_way)

    def _attempt(self, call: Call) -> Outcome:
        came = self._ask(call) or without_answer(call, "could not be reached")
        self._observe(call.endpoint, came.errcode)
        return came

    def _ask(self, call: Call) -> Outcome | None:
        """What the first host says that can be reached; None if there is none, or no time to try."""
        hosts = self._hosts.in_order()
        for position, host in enumerate(hosts):
            if seconds_left() <= 0:
                break
            came = self._ask_host(host, call, seconds_left() / (len(hosts) - position))
            if came:
                self._hosts.take_back(host)
                return came
            self._hosts.set_aside(host)
        return None

    def _ask_host(self, host: str, call: Call, connect_seconds: float) -> Outcome | None:
        try:
            return outcome(call, self._exchange.send(call.request(host), connect_seconds))
        except NoAnswer as failure:
            if not failure.connected:
                return None
            return without_answer(call, failure.reason, Trouble.LATE if failure.late else Trouble.BROKEN)
