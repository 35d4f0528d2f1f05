"""Requests generated from the OpenAPI document, against a real server with the mock behind it."""

import subprocess
import sys
from pathlib import Path

from mock_wechat import MockWeChat
from tests.e2e.servers import KEY, serving

CONFIG = Path(__file__).with_name("schemathesis.toml")


def test_no_answer_is_a_500_or_other_than_the_document_says(tmp_path: Path) -> None:
    options = ["--config-file", str(CONFIG), "run", "--header", f"Authorization: Bearer {KEY}"]
    with (
        MockWeChat() as wechat,
        serving(tmp_path, {**wechat.environment, "WECHAT_JS_DOMAINS": "h5.example.com"}) as server,
    ):
        command = [sys.executable, "-m", "schemathesis.cli", *options, f"{server.url}/openapi.json"]
        run = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        operations = sum(len(methods) for methods in server.get("/openapi.json").json()["paths"].values())
    assert run.returncode == 0, run.stdout + run.stderr
    assert f"{operations} selected / {operations} total" in run.stdout
