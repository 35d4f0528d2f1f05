"""docs/quickstart-tests.md: its examples are those of README.md, which test_install.py runs; its scenarios exist."""

import re

import pytest

from mock_wechat.control.scenarios import SCENARIOS
from tests.mock_wechat.readme import README, examples

ROOT = README.parents[1]


@pytest.mark.parametrize("document", ["quickstart-tests.md", "quickstart-tests.zh-CN.md"])
def test_examples_are_those_of_the_readme(document: str) -> None:
    text = (ROOT / "docs" / document).read_text("utf-8")
    shown = re.findall(r"(?ms)^```\w+\n(.*?)^```$", text)
    assert len(shown) == 7
    assert [code for code in shown if code not in {example.code for example in examples()}] == []
    named = re.findall(r"`([a-z-]+)`", "".join(re.findall(r"(?m)^\| (`[a-z].*?) \|", text)))
    assert len(named) == 7
    assert set(named) <= set(SCENARIOS)
