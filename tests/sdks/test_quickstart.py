"""The program that docs/quickstart-sdk.md shows, with the real wechatpy, against a server as `make run` starts it."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import DEMO_KEY, demo_in
from tests.sdks.scripts import PYTHON, ROOT


@pytest.mark.usefixtures("installed")
def test_program_prints_what_the_quick_start_says(tmp_path: Path) -> None:
    texts = [(ROOT / "docs" / f"quickstart-sdk{language}.md").read_text("utf-8") for language in ("", ".zh-CN")]
    programs = {code for text in texts for code in re.findall(r"(?ms)^```python\n(.*?)^```$", text)}
    assert len(programs) == 1
    with demo_in(tmp_path) as demo:
        program = programs.pop().replace("http://127.0.0.1:8000", demo.home.removesuffix("/"))
        ran = subprocess.run(
            [PYTHON / "bin" / "python", "-c", program], env={"PATH": os.environ["PATH"], "KEY": DEMO_KEY},
            capture_output=True, text=True, timeout=50, check=False,
        )  # fmt: skip
    assert ran.stdout == "3\n", ran.stderr
