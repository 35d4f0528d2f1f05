"""The courier's round: a thread that delivers each verdict when it is due by WeChat's clock."""

import threading

from ..accounts import Account
from .checks import Check
from .courier import Courier
from .delivery import Address

GLANCE = 0.02
"""Seconds between two looks at WeChat's clock while something waits: tests move it without telling anybody."""


class Round:
    """From `start` to `stop` verdicts go out by themselves, one after another."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stopping = False
        self._courier.outbound.resume()
        self._thread = threading.Thread(target=self._go, name="mock-wechat-push", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Cut what is under way and wait for the thread."""
        self._stopping = True
        self._courier.state.checks.news.set()
        self._courier.outbound.stop()
        if self._thread:
            self._thread.join()
            self._thread = None

    def _go(self) -> None:
        checks = self._courier.state.checks
        while not self._stopping:
            checks.news.clear()
            for check, account, address in self._due():
                self._courier.deliver(check, account, address)
            if not self._stopping:
                checks.news.wait(GLANCE if checks.waiting else None)

    def _due(self) -> list[tuple[Check, Account, Address]]:
        """What may go now, taken off the waiting list. Without a push_url a verdict goes on waiting."""
        state = self._courier.state
        with state.lock:
            now = state.clock()
            accounts = {appid: account for appid, account in state.accounts.items() if account.push_url}
            due = [check for check in state.checks.waiting if check.due_at <= now and check.appid in accounts]
            return [(it, accounts[it.appid], Address.of(accounts[it.appid])) for it in state.checks.take(due)]
