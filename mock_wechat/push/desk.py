"""`mock.push`: the message push as tests see it."""

from ..fields import Fields
from ..steering.push import add_push_fault, check_push_url, deliver_verdicts
from .courier import Courier
from .log import Push


class Desk:
    """Delivers, shows and spoils the verdicts of media_check_async. Each method takes what its control call takes.

    All raise ValueError for a wrong argument.
    """

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._state = courier.state

    def deliver(self, trace_id: str | None = None, **how: object) -> list[Push]:
        """Push one waiting verdict, or all of them, now; what came of each try. `how`: url, mode, format."""
        given = how if trace_id is None else {"trace_id": trace_id, **how}
        with self._state.lock:
            deliveries = deliver_verdicts(self._state, Fields(given))
        return deliveries.pushes(self._courier)

    def log(self, trace_id: str | None = None) -> list[Push]:
        """What was pushed so far, oldest first, one entry per try."""
        with self._state.lock:
            return self._state.checks.log.of(trace_id)

    def waiting(self) -> list[str]:
        """The trace_ids of the verdicts that are still to be pushed."""
        with self._state.lock:
            return [check.trace_id for check in self._state.checks.waiting]

    def fail(self, *, times: int | None = 1, **effects: object) -> None:
        """Let the verdicts of the next `times` checks (None: until `reset`) go wrong.

        `effects` are those of POST /_mock/push/faults: lose, copies, delay_seconds, errcode ...
        """
        with self._state.lock:
            add_push_fault(self._state, Fields({"times": times, **effects}))

    def check_url(self, appid: str, url: str | None = None) -> bool:
        """Does the account's push URL, or another, answer WeChat's question with echostr?"""
        given = {"appid": appid} if url is None else {"appid": appid, "url": url}
        with self._state.lock:
            check = check_push_url(self._state, Fields(given))
        return check.result(self._courier).outcome == "accepted"
