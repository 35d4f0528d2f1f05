"""Delivery of verdicts when they are due, and the check of a push URL (WECHAT.md 5, 6)."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from http import HTTPStatus

from ..api.images import judge
from ..crypto import signature
from ..fields import Fields, WrongField, text
from ..state import State
from ..state.accounts import Account, http_url, known_account
from ..state.pushes import MediaCheck, Push, PushFault
from ..state.words import Suggest
from .attempts import PushJob, Sender, exactly, missing_url, push_settings
from .messages import FAILED_DOWNLOAD, PushRequest, event
from .outbound import CallFailed, Outbound
from .users import MessageSender

MAX_MEDIA_BYTES = 10 * 1024 * 1024
DOWNLOAD_SECONDS = 10.0
"""For each hop of a download (assumed: WeChat's limit is not published)."""
NOT_AN_IMAGE = -1009
"""Seen in a push, undocumented: assumed to mean a downloaded file that is not an image."""
POLL_SECONDS = 0.02
"""Between two reads of WeChat's clock while a verdict waits: a test may move the clock at any time."""


class MessagePush:
    """`mock.push`: delivers, lists and disturbs the verdicts of media_check_async; `users` sends users' messages.

    From `start` to `stop` a thread delivers each verdict when it is due by WeChat's clock. HTTP calls are never made
    under the state's lock. `clock` returns the Unix seconds that pushes are stamped with: the receiver's time, which
    the control plane does not move. `seconds` is a receiver's time limit. Wrong arguments raise ValueError.
    """

    def __init__(self, state: State, outbound: Outbound, clock: Callable[[], float], seconds: float) -> None:
        self._state = state
        self._queue = state.push_queue
        self._outbound = outbound
        self._clock = clock
        self._sender = Sender(state, outbound, clock, seconds)
        self.users = MessageSender(state, self._sender)
        self._stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._stopping = False
        self._outbound.resume()
        self._thread = threading.Thread(target=self._run, name="mock-wechat-push", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Cut the running call and wait for the thread."""
        self._stopping = True
        self._queue.changed.set()
        self._outbound.stop()
        if self._thread:
            self._thread.join()
            self._thread = None

    def deliver(self, trace_id: str | None = None, **options: object) -> list[Push]:
        """Push one waiting verdict, or all of them, now; one entry per attempt. `options`: url, mode, format."""
        return self.deliver_waiting(Fields(options if trace_id is None else {"trace_id": trace_id, **options}))

    def log(self, trace_id: str | None = None) -> list[Push]:
        """The pushes so far, oldest first, one entry per attempt."""
        with self._state.lock:
            return self._queue.pushes_of(trace_id)

    def waiting(self) -> list[str]:
        """The trace_ids of the verdicts to push."""
        with self._state.lock:
            return [check.trace_id for check in self._queue.waiting]

    def fail(self, *, times: int | None = 1, **effects: object) -> None:
        """Add a fault to the verdicts of the next `times` checks (None: until `reset`).

        `effects` are those of POST /_mock/push/faults: lose, copies, delay_seconds, errcode ...
        """
        with self._state.lock:
            self._queue.faults.append(PushFault.read(Fields({"times": times, **effects})))

    def check_url(self, appid: str, url: str | None = None) -> bool:
        """Whether the account's push URL, or another one, answers WeChat's check with echostr."""
        given = {"appid": appid} if url is None else {"appid": appid, "url": url}
        return self.url_check(Fields(given))["valid"] is True

    def deliver_waiting(self, given: Fields) -> list[Push]:
        """`deliver` with the fields of a control call. Raises WrongField."""
        trace_id = given.may("trace_id", text, None)
        settings = push_settings(given)
        given.done()
        with self._state.lock:
            chosen = [check for check in self._queue.waiting if trace_id in (None, check.trace_id)]
            if trace_id and not chosen:
                raise WrongField("trace_id", f"no verdict waits for trace_id {trace_id}: unknown, or already pushed")
            receivers = [replace(self._state.accounts[check.appid], **settings) for check in chosen]
            for account in receivers:
                if not account.push_url:
                    raise missing_url(account)
            self._queue.take(chosen)
        return [push for check, to in zip(chosen, receivers, strict=True) for push in self._deliver(check, to)]

    def url_check(self, given: Fields) -> dict[str, object]:
        """WeChat's GET when the URL is entered: valid if `echostr` is returned unchanged (WECHAT.md 6)."""
        with self._state.lock:
            account = known_account(self._state.accounts, given)
            url = given.may("url", http_url, account.push_url)
            given.done()
            if url is None:
                raise missing_url(account)
            nonce, echostr = (str(self._state.random.randrange(10**9, 10**10)) for _ in range(2))
        timestamp = str(int(self._clock()))
        signed = signature(account.push_token, timestamp, nonce)
        query = {"signature": signed, "timestamp": timestamp, "nonce": nonce, "echostr": echostr}
        result = self._sender.send("GET", url, PushRequest(query, b"", ""), exactly(echostr.encode()))
        return {"appid": account.appid, "url": url, "valid": result.outcome == "accepted", **asdict(result)}

    def _run(self) -> None:
        while not self._stopping:
            self._queue.changed.clear()
            with self._state.lock:  # a verdict without a push_url stays in the queue
                now = self._state.clock()
                accounts = {appid: account for appid, account in self._state.accounts.items() if account.push_url}
                due = [check for check in self._queue.waiting if check.due_at <= now and check.appid in accounts]
                self._queue.take(due)
            for check in due:
                self._deliver(check, accounts[check.appid])
            if not self._stopping:
                self._queue.changed.wait(POLL_SECONDS if self._queue.waiting else None)

    def _deliver(self, check: MediaCheck, account: Account) -> list[Push]:
        """Deliver a verdict to the account's push_url, and log every attempt."""
        pushes = self._queue.pushes  # the current list: a reset replaces it, and does not see this delivery
        message: Mapping[str, object] = {}
        if not check.fault.lose:
            suggest, errcode = self._judge(check)
            message = event(check, suggest, int(self._clock()), errcode)
        return self._sender.deliver(PushJob(message, account, check.seed, check.fault, check.trace_id), pushes)

    def _judge(self, check: MediaCheck) -> tuple[Suggest, int]:
        """Download the file and judge it: the verdict, and the errcode of a failed check, else 0. Any audio passes.

        A check with a fault's errcode fails without a download.
        """
        if check.fault.errcode:
            return "pass", check.fault.errcode
        try:
            answer = self._outbound.download(check.media_url, DOWNLOAD_SECONDS, MAX_MEDIA_BYTES)
            if answer.status != HTTPStatus.OK:
                return "pass", FAILED_DOWNLOAD
            return judge(answer.body) if check.is_image else "pass", 0
        except CallFailed:
            return "pass", FAILED_DOWNLOAD
        except ValueError:
            return "pass", NOT_AN_IMAGE
