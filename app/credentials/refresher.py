"""Keeps every credential warm without traffic: after an idle night nobody waits for a fetch."""

import logging
import threading
from collections.abc import Sequence
from random import Random

from ..errors import StoreUnavailable
from . import CredentialProvider

_log = logging.getLogger(__name__)


class Refresher:
    """A thread that looks after `providers` every `seconds`, more or less: the processes should not all look at once.

    Give the tickets first: each fetches the access_token that it needs.
    """

    def __init__(self, providers: Sequence[CredentialProvider], seconds: float, random: Random) -> None:
        self._providers = tuple(providers)
        self._seconds = seconds
        self._random = random
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="refresher", daemon=True)

    def start(self) -> None:
        """Begin, at once."""
        self._thread.start()

    def stop(self) -> None:
        """Look after nothing more."""
        self._stopping.set()

    def wait(self, seconds: float) -> None:
        """Let the look end that is under way: cut off, its fetch would leave its lease behind."""
        self._thread.join(seconds)

    def look(self) -> None:
        """Look after each credential once."""
        for provider in self._providers:
            if self._stopping.is_set():
                return
            try:
                provider.keep_warm()
            except StoreUnavailable:
                return  # it says so itself, once
            except Exception:  # noqa: BLE001 -- whatever it is, the other credentials still want looking after
                _log.exception("%s of %s: looking after it failed", provider.key.credential, provider.key.appid)

    def _run(self) -> None:
        while not self._stopping.is_set():
            self.look()
            self._stopping.wait(self._seconds * self._random.uniform(0.5, 1.5))
