"""The files of several processes, as prometheus_client leaves them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.mmap_dict import MmapedDict, mmap_key

from app.metrics.meters import _Processes

KEY = mmap_key("calls_total", "calls_total", [], [], "calls")


def counted(folder: Path, pid: int, number: float, kind: str = "counter") -> None:
    file: Any = MmapedDict(str(folder / f"{kind}_{pid}.db"))  # type: ignore[no-untyped-call] # the library's
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


def test_gauge_of_a_process_that_has_ended_is_dropped_and_its_counter_stays(folder: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    counted(folder, ended.pid, 3)
    counted(folder, ended.pid, 100, "gauge_livesum")
    counted(folder, os.getpid(), 4, "gauge_livesum")
    assert total() == 7
    assert {file.name for file in folder.iterdir()} == {f"counter_{ended.pid}.db", f"gauge_livesum_{os.getpid()}.db"}
