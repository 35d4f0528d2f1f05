"""Media checks under way: expiring entries that all workers and nodes share, one for each job and each result.

A push may arrive before the job is written, or long after its timeout: so neither entry ever replaces the other, and a
job's state is computed when a caller asks.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any, Literal

from ..stores import Entries
from .errors import UnknownJob
from .media_results import TRACE_ID, MediaResult
from .verdicts import Verdict, worst

KEPT_SECONDS = 86_400.0

Status = Literal["pending", "done", "failed", "timeout"]


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
    """of an animation: how many it has, and how many were sent to WeChat"""

    @property
    def trace_id(self) -> str:
        """The job's name."""
        return self.trace_ids[0]


@dataclass(frozen=True, slots=True)
class Progress:
    """The state of a job: with a verdict when `done`, with the reason when `failed`."""

    trace_id: str
    status: Status
    verdict: Verdict | None = None
    errcode: int | None = None
    reason: str | None = None

    def document(self) -> dict[str, Any]:
        """The JSON object of the answer, without fields that have no value."""
        document = asdict(self) | {"verdict": self.verdict and self.verdict.document()}
        return {name: value for name, value in document.items() if value is not None}


class Jobs:
    """The jobs of all accounts, kept for a day in `entries`, which all workers share."""

    def __init__(self, entries: Entries, clock: Callable[[], float], timeout_seconds: float) -> None:
        self._entries = entries
        self._clock = clock
        self._timeout = timeout_seconds

    def open(
        self, appid: str, trace_ids: Sequence[str], media_ids: Sequence[str] = (), frames: tuple[int, int] = (1, 1)
    ) -> Job:
        """Store a job, all of whose parts WeChat has accepted."""
        job = Job(appid, self._clock(), tuple(trace_ids), tuple(media_ids), frames)
        self._entries.put(f"job:{job.trace_id}", json.dumps(asdict(job)), KEPT_SECONDS)
        for part in job.trace_ids[1:]:
            self._entries.put(f"job-part:{part}", job.trace_id, KEPT_SECONDS)
        return job

    def find(self, trace_id: str) -> Job:
        """The job of this name. Raises UnknownJob."""
        text = self._entries.get(f"job:{trace_id}") if TRACE_ID.fullmatch(trace_id) else None
        if text is None:
            raise UnknownJob(trace_id)
        known = json.loads(text)
        lists = {name: tuple(known[name]) for name in ("trace_ids", "media_ids", "frames")}
        return Job(known["appid"], known["submitted_at"], **lists)

    def record(self, appid: str, result: MediaResult) -> str | None:
        """Keep a result that WeChat has pushed; the first one counts. Return the id of media that may be deleted now.

        Pushes to one account do not touch another's jobs.
        """
        self._entries.add(f"job-result:{appid}:{result.trace_id}", json.dumps(asdict(result)), KEPT_SECONDS)
        name = self._entries.get(f"job-part:{result.trace_id}") or result.trace_id
        try:
            job = self.find(name)
        except UnknownJob:
            return None
        media = dict(zip(job.trace_ids, job.media_ids, strict=False))
        return media.get(result.trace_id) if job.appid == appid else None

    def progress(self, job: Job) -> Progress:
        """The state of the job now. A risky part decides, then one that failed; a late result still counts."""
        results = [result for part in job.trace_ids if (result := self._result(job.appid, part))]
        verdicts = [result.verdict for result in results if result.verdict]
        verdict = worst(verdicts) if verdicts else None
        is_late = self._clock() >= job.submitted_at + self._timeout
        if len(results) < len(job.trace_ids) and not (is_late and verdict and verdict.is_risky):
            return Progress(job.trace_id, "timeout" if is_late else "pending")
        failed = next((result for result in results if result.verdict is None), None)
        if failed and not (verdict and verdict.is_risky):
            return Progress(job.trace_id, "failed", errcode=failed.errcode, reason=failed.reason)
        frames, frames_checked = job.frames
        if verdict and frames > 1:
            verdict = replace(verdict, frames=frames, frames_checked=frames_checked)
        return Progress(job.trace_id, "done", verdict)

    def _result(self, appid: str, trace_id: str) -> MediaResult | None:
        text = self._entries.get(f"job-result:{appid}:{trace_id}")
        if text is None:
            return None
        known = json.loads(text)
        return MediaResult(**known | {"verdict": known["verdict"] and Verdict(**known["verdict"])})
