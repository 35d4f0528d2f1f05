"""The quick starts' console blocks, run one after another against a server as `make run` starts it."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DEMO_KEY, Demo
from tests.e2e.servers import DEADLINE_SECONDS, ROOT

COMMAND = re.compile(r"^\$ (.*\n(?: {4}.*\n)*)((?:(?!\$ ).*\n)*)", re.MULTILINE)
DOCUMENTS = [f"quickstart-{name}{language}" for name in ("sdk",) for language in (".md", ".zh-CN.md")]


def commands(document: str) -> list[tuple[str, str]]:
    """Each command of the document's console blocks, and the output that is printed below it."""
    text = (ROOT / "docs" / document).read_text("utf-8")
    return [found for block in re.findall(r"(?ms)^```console\n(.*?)^```$", text) for found in COMMAND.findall(block)]


def alike(shown: Any, real: Any) -> bool:
    """Whether the real output has the shape of the shown one, whose texts may be shortened by `...`."""
    if isinstance(shown, dict) and isinstance(real, dict):
        return shown.keys() == real.keys() and all(alike(shown[name], real[name]) for name in shown)
    if isinstance(shown, list) and isinstance(real, list):
        return len(shown) == len(real) and all(map(alike, shown, real))
    if isinstance(shown, str) and isinstance(real, str):
        return fnmatch.fnmatchcase(real, shown.replace("[", "[[]").replace("...", "*"))
    if isinstance(shown, int) and shown > 7000:
        return type(real) is int  # seconds left, or Unix seconds
    return bool(shown == real)


@pytest.mark.parametrize("document", DOCUMENTS)
def test_commands_print_what_the_quick_start_says(document: str, demo: Demo, tmp_path: Path) -> None:
    assert shutil.which("curl"), "curl is needed to try what the quick starts say"
    steps = commands(document)
    assert steps
    script = "set -e\n" + "".join(f"{command}printf '\\0'\n" for command, _ in steps)
    script = script.replace("127.0.0.1:8000", f"127.0.0.1:{demo.port}")
    script = script.replace("http://127.0.0.1:9100", demo.mock)
    ran = subprocess.run(
        ["bash", "-c", script], cwd=tmp_path, env={"PATH": os.environ["PATH"], "KEY": DEMO_KEY},
        capture_output=True, text=True, timeout=DEADLINE_SECONDS, check=False,
    )  # fmt: skip
    printed = ran.stdout.split("\0")[:-1]
    assert (ran.returncode, len(printed)) == (0, len(steps)), ran.stderr
    for (command, shown), real in zip(steps, printed, strict=True):
        assert alike(parsed(shown), parsed(real)), (command, real)


def parsed(output: str) -> Any:
    """The JSON of an output, or its text."""
    try:
        return json.loads(output)
    except ValueError:
        return output.strip()
