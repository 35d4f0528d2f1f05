"""Media checks under way: notes that all workers and nodes see, one for each job and one for each result.

A push may come before the job is written, or long after it was given up: so neither note ever replaces the other, and
what is true is put together when somebody asks.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ..errors import UnknownJob
from ..stores import Entries
from .media_results import TRACE_ID, MediaResult
from .verdicts import Verdict

KEPT_SECONDS = 86_400.0

Status = Literal["pending", "done", "failed", "timeout"]
_SEVERITY = ("pass", "review", "risky")


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to check, in one or several parts. `trace_ids` are WeChat's; the first one is the job's name."""

    appid: str
    submitted_at: float
    """Unix seconds"""
    trace_ids: tuple[str, ...]
    media_ids: tuple[str, ...] = ()
    """of the media that are kept for WeChat, one for each part"""
    frames: tuple[int, int] = (1, 1)
    """of an animation: how many it has, and how many WeChat is shown"""

    @property
    def trace_id(self) -> str:
        """The job's name."""
        return self.trace_ids[0]


@dataclass(frozen=True, slots=True)
class Progress:
    """How a job stands: with a verdict when `done`, with the reason when `failed`."""

    trace_id: str
    status: Status
    verdict: Verdict | None = None
    errcode: int | None = None
    reason: str | None = None

    def document(self) -> dict[str, Any]:
        """As it is answered: no names without a value."""
        given = {"verdict": self.verdict and self.verdict.document(), "errcode": self.errcode, "reason": self.reason}
        told = {name: value for name, value in given.items() if value is not None}
        return {"trace_id": self.trace_id, "status": self.status} | told


class Jobs:
    """The jobs of all accounts, kept for a day. `notes` must be those that every worker sees."""

    def __init__(self, notes: Entries, clock: Callable[[], float], timeout_seconds: float) -> None:
        self._notes = notes
        self._clock = clock
        self._timeout = timeout_seconds

    def open(
        self, appid: str, trace_ids: Sequence[str], media_ids: Sequence[str] = (), frames: tuple[int, int] = (1, 1)
    ) -> Job:
        """WeChat has accepted all parts of a job."""
        job = Job(appid, self._clock(), tuple(trace_ids), tuple(media_ids), frames)
        self._notes.put(f"job:{job.trace_id}", json.dumps(asdict(job)), KEPT_SECONDS)
        for part in job.trace_ids[1:]:
            self._notes.put(f"job-part:{part}", job.trace_id, KEPT_SECONDS)
        return job

    def find(self, trace_id: str) -> Job:
        """The job of this name. Raises UnknownJob."""
        text = self._notes.get(f"job:{trace_id}") if TRACE_ID.fullmatch(trace_id) else None
        if text is None:
            raise UnknownJob(trace_id)
        known = json.loads(text)
        lists = {name: tuple(known[name]) for name in ("trace_ids", "media_ids", "frames")}
        return Job(known["appid"], known["submitted_at"], **lists)

    def record(self, appid: str, result: MediaResult) -> str | None:
        """WeChat has pushed a result; the first one counts. The id of the media that nobody needs any more, if any.

        Pushes of one account say nothing of another's jobs.
        """
        self._notes.add(_result_name(appid, result.trace_id), json.dumps(asdict(result)), KEPT_SECONDS)
        name = self._notes.get(f"job-part:{result.trace_id}") or result.trace_id
        try:
            job = self.find(name)
        except UnknownJob:
            return None
        media = dict(zip(job.trace_ids, job.media_ids, strict=False))
        return media.get(result.trace_id) if job.appid == appid else None

    def progress(self, job: Job) -> Progress:
        """How the job stands now. A risky part decides, then one that failed; a late result still counts."""
        results = [self._result(job.appid, part) for part in job.trace_ids]
        known = [result for result in results if result is not None]
        given_up = self._clock() >= job.submitted_at + self._timeout
        if len(known) == len(results) or (given_up and any(_is_risky(result) for result in known)):
            return _settled(job, known)
        return Progress(job.trace_id, "timeout" if given_up else "pending")

    def _result(self, appid: str, trace_id: str) -> MediaResult | None:
        text = self._notes.get(_result_name(appid, trace_id))
        if text is None:
            return None
        known = json.loads(text)
        return MediaResult(**known | {"verdict": known["verdict"] and Verdict(**known["verdict"])})


def _result_name(appid: str, trace_id: str) -> str:
    return f"job-result:{appid}:{trace_id}"


def _is_risky(result: MediaResult) -> bool:
    return result.verdict is not None and result.verdict.suggest == "risky"


def _settled(job: Job, results: Sequence[MediaResult]) -> Progress:
    verdicts = [result.verdict for result in results if result.verdict]
    worst = max(verdicts, key=lambda verdict: _SEVERITY.index(verdict.suggest), default=None)
    failed = next((result for result in results if result.verdict is None), None)
    if failed and not (worst and worst.suggest == "risky"):
        return Progress(job.trace_id, "failed", errcode=failed.errcode, reason=failed.reason)
    frames, frames_checked = job.frames
    if worst and frames > 1:
        worst = replace(worst, frames=frames, frames_checked=frames_checked)
    return Progress(job.trace_id, "done", worst)
