"""The signature's 99th percentile on `public` while `internal` waits for a slow WeChat.

Two services share one store. 200 callers at a time send a text to `internal`, and WeChat takes 2 s for a check. The
signature of `public` is measured idle and under these checks, in turn.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from .contestants import MINI, OURS, mock, serving
from .processes import Void, http
from .report import Report
from .run import Run, make_slow

_CALLERS = 200
_CHECK_SECONDS = 2
_KEY = "bench-key-with-scope-moderation"
_MODERATING = {**MINI, "WECHAT_API_KEYS": f"bench={_KEY}"}


def measure(run: Run) -> Report:
    """Public service and load on one core; internal service, callers and mock on the other."""
    here, there = run.server_core, run.load_core
    settings = {**OURS.environment, **_MODERATING, "WECHAT_STORE_URL": f"sqlite:///{run.folder}/credentials.db"}
    public, internal = (
        OURS._replace(name=listener, environment={**settings, "WECHAT_LISTENER": listener})
        for listener in ("public", "internal")
    )
    with (
        mock(run.folder, there) as wechat,
        serving(public, wechat, run.folder, here) as signing,
        serving(internal, wechat, run.folder, there) as checking,
        ThreadPoolExecutor(_CALLERS) as pool,
    ):
        make_slow(wechat, "/wxa/msg_sec_check", _CHECK_SECONDS)
        url = f"{checking.origin}/api/moderation/text"

        def begin_checks(number: int) -> Callable[[], None]:
            texts = [f"text {one} of round {number}" for one in range(_CALLERS)]
            statuses = pool.map(lambda text: _check(url, text), texts)
            return lambda: check_statuses(set(statuses))

        return run.disturbed("during slow checks", signing, here, begin_checks)


def check_statuses(statuses: set[int]) -> None:
    """Raises Void unless some callers got a verdict, and the others the answer that internal is busy."""
    if not {200} <= statuses <= {200, 503}:
        raise Void(f"internal answered slow checks with the statuses {sorted(statuses)}.")


def _check(url: str, text: str) -> int:
    return http.post(url, json={"content": text}, headers={"Authorization": f"Bearer {_KEY}"}, timeout=30).status_code
