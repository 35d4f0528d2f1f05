"""Media checks under way, with jobs and results in any order."""

import pytest

from app.moderation import Jobs, Progress, Suggest, UnknownJob, Verdict
from app.moderation.media_results import MediaResult
from app.stores import MemoryStore
from tests.doubles import FakeClock

APPID, OTHER = "wx0000000000000002", "wx0000000000000003"
ONE, TWO, THREE = (f"60f96f1d-3845297a-0000000{number}" for number in (1, 2, 3))


@pytest.fixture
def jobs(clock: FakeClock) -> Jobs:
    return Jobs(MemoryStore(clock), clock, 1800)


def verdict(trace_id: str, suggest: Suggest = "pass") -> Verdict:
    return Verdict(suggest, 100, "normal", "media_check_async/2", trace_id=trace_id, detail=[{"label": 100}])


def good(trace_id: str, suggest: Suggest = "pass") -> MediaResult:
    return MediaResult(trace_id, verdict(trace_id, suggest))


def bad(trace_id: str) -> MediaResult:
    return MediaResult(trace_id, None, -1008, "WeChat could not download the file.")


def progress(jobs: Jobs, trace_id: str = ONE) -> Progress:
    return jobs.progress(jobs.find(trace_id))


def test_job_is_pending_until_its_result_comes(jobs: Jobs) -> None:
    jobs.open(APPID, [ONE])
    assert progress(jobs).document() == {"trace_id": ONE, "status": "pending"}
    jobs.record(APPID, good(ONE))
    assert progress(jobs) == Progress(ONE, "done", verdict(ONE))


def test_result_before_its_job_counts(jobs: Jobs) -> None:
    jobs.record(APPID, good(ONE, "risky"))
    jobs.open(APPID, [ONE])
    assert progress(jobs) == Progress(ONE, "done", verdict(ONE, "risky"))


def test_failed_check_says_why(jobs: Jobs) -> None:
    jobs.open(APPID, [ONE])
    jobs.record(APPID, bad(ONE))
    assert progress(jobs).document() == {
        "trace_id": ONE,
        "status": "failed",
        "errcode": -1008,
        "reason": "WeChat could not download the file.",
    }


def test_of_several_results_for_one_check_the_first_counts(jobs: Jobs) -> None:
    jobs.open(APPID, [ONE])
    for suggest in ("risky", "pass"):
        jobs.record(APPID, good(ONE, suggest))
    assert progress(jobs).verdict == verdict(ONE, "risky")


def test_job_times_out_after_thirty_minutes_and_a_late_result_counts(jobs: Jobs, clock: FakeClock) -> None:
    jobs.open(APPID, [ONE])
    clock.advance(1799)
    assert progress(jobs).status == "pending"
    clock.advance(1)
    assert progress(jobs).document() == {"trace_id": ONE, "status": "timeout"}
    jobs.record(APPID, good(ONE))
    assert progress(jobs).status == "done"


def test_job_is_kept_for_a_day(jobs: Jobs, clock: FakeClock) -> None:
    jobs.open(APPID, [ONE])
    clock.advance(86_399)
    assert progress(jobs)
    clock.advance(1)
    with pytest.raises(UnknownJob):
        jobs.find(ONE)


@pytest.mark.parametrize("trace_id", [TWO, "", "x", f"{ONE}:", "*", "x" * 65, "\ud800" * 10, "6" * 7])
def test_unknown_name_is_no_job(jobs: Jobs, trace_id: str) -> None:
    jobs.open(APPID, [ONE])
    with pytest.raises(UnknownJob):
        jobs.find(trace_id)


def test_push_to_another_account_does_not_touch_a_job(jobs: Jobs) -> None:
    jobs.open(APPID, [ONE], ["m1"])
    assert jobs.record(OTHER, good(ONE)) is None
    assert progress(jobs).status == "pending"


@pytest.mark.parametrize(
    ("results", "status", "suggest"),
    [
        ([good(ONE), good(TWO)], "pending", None),
        ([good(ONE, "risky"), good(TWO)], "pending", None),
        ([good(ONE), good(TWO, "review"), good(THREE)], "done", "review"),
        ([good(ONE, "review"), good(TWO, "risky"), good(THREE)], "done", "risky"),
        ([bad(ONE), good(TWO, "risky"), good(THREE)], "done", "risky"),
        ([good(ONE), good(TWO, "review"), bad(THREE)], "failed", None),
    ],
)
def test_worst_part_decides_when_all_are_in(
    jobs: Jobs, results: list[MediaResult], status: str, suggest: str | None
) -> None:
    jobs.open(APPID, [ONE, TWO, THREE])
    for result in results:
        jobs.record(APPID, result)
    now = progress(jobs)
    assert (now.trace_id, now.status, now.verdict and now.verdict.suggest) == (ONE, status, suggest)


@pytest.mark.parametrize(
    ("first", "status"), [(good(ONE, "risky"), "done"), (good(ONE), "timeout"), (bad(ONE), "timeout")]
)
def test_risky_part_decides_when_another_never_arrives(
    jobs: Jobs, clock: FakeClock, first: MediaResult, status: str
) -> None:
    jobs.open(APPID, [ONE, TWO])
    jobs.record(APPID, first)
    clock.advance(1800)
    assert progress(jobs).status == status


def test_result_returns_the_media_that_may_be_deleted(jobs: Jobs) -> None:
    jobs.open(APPID, [ONE, TWO], ["m1", "m2"])
    assert jobs.record(APPID, good(TWO)) == "m2"
    assert jobs.record(APPID, bad(ONE)) == "m1"
    jobs.open(APPID, [THREE])
    assert jobs.record(APPID, good(THREE)) is None
