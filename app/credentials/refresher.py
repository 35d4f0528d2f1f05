"""Keeps every credential warm without traffic: after an idle night no caller waits for a fetch."""

import logging
import threading
from collections.abc import Sequence
from random import Random

from ..errors import StoreUnavailable
from . import CredentialProvider

_log = logging.getLogger(__name__)


class Refresher:
    """A thread that checks all `providers` every `seconds`, give or take half, so that processes do not check at once.

    Pass tickets first: each fetches the access_token that it needs.
    """

    def __init__(self, providers: Sequence[CredentialProvider], seconds: float, random: Random) -> None:
        self._providers = tuple(providers)
        self._seconds = seconds
        self._random = random
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)

    def start(self) -> None:
        """Start the thread; its first check is immediate."""
        self._thread.start()

    def stop(self, seconds: float = 0) -> None:
        """Check no further credential. Wait for the check under way: a fetch cut off would leave its lease behind."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(seconds)

    def check(self) -> None:
        """Check each credential once."""
        for provider in self._providers:
            if self._stopping.is_set():
                return
            try:
                provider.keep_warm()
            except StoreUnavailable:
                return  # the store logs its own failures
            except Exception:  # noqa: BLE001 -- the other credentials have to stay warm
                _log.exception("refresher failed credential=%s appid=%s", provider.key.credential, provider.key.appid)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.check()
            self._stopping.wait(self._seconds * self._random.uniform(0.5, 1.5))
