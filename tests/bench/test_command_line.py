from pathlib import Path

import pytest

from bench.__main__ import main


@pytest.mark.parametrize(
    ("there", "missing"),
    [(("taskset", "setpriv", "node"), "install wrk"), (("wrk", "setpriv", "node"), "install util-linux")],
)
def test_missing_program_is_named_with_its_package(
    there: tuple[str, ...], missing: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for program in there:
        (tmp_path / program).touch(mode=0o755)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert missing in main([])
