"""HTTP with WeChat: which host, how long, how often; and silent about secrets."""

import json
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from random import Random, SystemRandom
from typing import Any

import requests
from urllib3.exceptions import HTTPError

from ..exceptions import WeChatUnavailable
from .calls import Call, Trouble
from .connections import BoundedAdapter
from .deadline import deadline, seconds_left
from .hosts import Hosts
from .obstacles import is_late, never_connected, obstacle, was_stale
from .outcomes import MAX_ANSWER_BYTES, Outcome, outcome, without_answer

ObserveCall = Callable[[str, int | None], None]
"""is told the endpoint of each attempt and WeChat's errcode, 0 for success, None when nothing usable came back"""

_IDLE_SECONDS = 30.0
"""a connection that was not used for longer is not used again: WeChat and the NAT before it may have forgotten it"""
_LEAST_SHARE = 1 / 10
"""of the deadline: with less left no further attempt is made"""


class Transport:
    """Sends calls to the first of `hosts` that can be reached. Safe to share: each thread has its own session.

    No proxy, CA bundle or .netrc is taken from the surroundings. Times are in seconds; `deadline_seconds` bounds a call
    over all attempts, hosts and bytes. A host that could not be reached is set aside for `aside_seconds`.
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
        self._connect_timeout = connect_timeout_seconds
        self._read_timeout = read_timeout_seconds
        self._deadline = deadline_seconds
        self._proxy = proxy
        self._observe = observe
        self._clock = clock
        self._sleep = sleep
        self._random = random or SystemRandom()
        self._thread = threading.local()

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
        # Raised outside of any `except`: a chained requests exception would keep the URL, and with it the token.
        if last.error:
            raise last.error
        return last.answer

    def knock(self, host: str) -> str | None:
        """The Date header of whatever `host` (scheme, name, port) answers when it is asked for nothing.

        Raises WeChatUnavailable, which says what is in the way.
        """
        with self.one_deadline():
            try:
                with self._session().get(
                    f"{host}/", timeout=(self._connect_timeout, self._read_timeout), allow_redirects=False, stream=True
                ) as response:
                    return response.headers.get("Date")
            except (requests.RequestException, HTTPError, OSError) as error:
                in_the_way = obstacle(error)
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
            try:
                return self._received(host, call, connect_seconds)
            except requests.ConnectionError as error:
                if not was_stale(error) or call.once:
                    raise
            return self._received(host, call, connect_seconds)  # WeChat closes idle connections (WECHAT.md 0.14)
        except (requests.RequestException, HTTPError, OSError) as error:
            if never_connected(error):
                return None
            if is_late(error):
                return without_answer(call, "no complete answer in time", Trouble.LATE)
            return without_answer(call, f"the exchange broke off ({type(error).__name__})", Trouble.BROKEN)

    def _received(self, host: str, call: Call, connect_seconds: float) -> Outcome:
        body = None if call.json is None else json.dumps(call.json, ensure_ascii=False).encode()
        left = max(seconds_left(), 0.001)
        with self._session(new_connection=call.once).request(
            call.method,
            host + call.endpoint,
            params=call.params,
            data=body,
            files={"media": call.file} if call.file else None,
            headers={"Content-Type": "application/json"} if body else None,
            timeout=(min(self._connect_timeout, connect_seconds, left), min(self._read_timeout, left)),
            allow_redirects=False,  # another host has no business with our token
            stream=True,
        ) as response:
            return outcome(call, response.status_code, response.raw.read(MAX_ANSWER_BYTES + 1, decode_content=True))

    def _session(self, *, new_connection: bool = False) -> requests.Session:
        session: requests.Session | None = getattr(self._thread, "session", None)
        if session is None:
            session = self._thread.session = self._new_session()
        elif new_connection or not 0 <= self._clock() - self._thread.used_at < _IDLE_SECONDS:
            session.close()  # its connections; it opens others by itself
        self._thread.used_at = self._clock()
        return session

    def _new_session(self) -> requests.Session:
        session = requests.Session()
        session.trust_env = False
        session.proxies = {"http": self._proxy, "https": self._proxy} if self._proxy else {}
        session.mount("https://", BoundedAdapter())
        session.mount("http://", BoundedAdapter())
        return session
