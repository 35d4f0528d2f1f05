from pathlib import Path

import pytest

from bench.__main__ import main


@pytest.mark.parametrize(("there", "missing"), [("taskset", "install wrk"), ("wrk", "install util-linux")])
def test_missing_program_is_named_with_its_package(
    there: str, missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / there).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert main([]) == 1
    assert missing in capsys.readouterr().err
