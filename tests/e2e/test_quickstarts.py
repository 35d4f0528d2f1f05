"""The quick starts' console blocks, and those of mini-program.md, against a server as `make run` starts it."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.conftest import DEMO_KEY, Demo, demo_in
from tests.e2e.servers import DEADLINE_SECONDS, ROOT, eventually, free_port, stop
from tests.e2e.test_mini_program_backend import FOLDER, listens

COMMAND = re.compile(r"^\$ (.*\n(?: {4}.*\n)*)((?:(?!\$ ).*\n)*)", re.MULTILINE)
DOCUMENTS = [
    f"{name}{language}.md"
    for name in ("quickstart-sdk", "quickstart-mini-program", "mini-program")
    for language in ("", ".zh-CN")
]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """One of their own: they change the mock's words."""
    with demo_in(tmp_path_factory.mktemp("demo")) as demo:
        yield demo


@pytest.fixture(scope="module")
def backend(demo: Demo) -> Iterator[str]:
    """Host and port of the mini program's backend."""
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", str(FOLDER / "backend.py"), "run", "--port", str(port)]
    environment = {"PATH": os.environ["PATH"], "CENTRAL": demo.home.removesuffix("/"), "KEY": DEMO_KEY}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        eventually(lambda: listens(f"http://127.0.0.1:{port}"), "the backend answers")
        yield f"127.0.0.1:{port}"
    finally:
        stop(process)


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
def test_commands_print_what_the_quick_start_says(document: str, demo: Demo, backend: str, tmp_path: Path) -> None:
    assert shutil.which("curl"), "curl is needed to try what the quick starts say"
    steps = commands(document)
    assert steps
    script = "set -e\n" + "".join(f"{command}printf '\\0'\n" for command, _ in steps)
    places = {"127.0.0.1:8000": f"127.0.0.1:{demo.port}", "http://127.0.0.1:9100": demo.mock, "127.0.0.1:3000": backend}
    for shown, real in places.items():
        script = script.replace(shown, real)
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
