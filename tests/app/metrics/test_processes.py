"""The files of several processes, as prometheus_client leaves them."""

from pathlib import Path
from typing import Any

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from app.metrics.meters import _Processes

KEY = mmap_key("calls_total", "calls_total", [], [], "calls")


def counted(folder: Path, pid: int, number: float) -> None:
    file: Any = MmapedDict(str(folder / f"counter_{pid}.db"))  # type: ignore[no-untyped-call] # the library's
    file.write_value(KEY, number, 0)
    file.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", str(tmp_path))
    return tmp_path


def total() -> float:
    return sum(sample.value for metric in _Processes().collect() for sample in metric.samples)


def test_what_each_process_counted_is_added_up(folder: Path) -> None:
    counted(folder, 11, 3)
    counted(folder, 12, 4)
    assert total() == 7


def test_a_process_that_has_just_begun_counts_nothing(folder: Path) -> None:
    counted(folder, 11, 3)
    (folder / "counter_12.db").touch()
    assert total() == 3
