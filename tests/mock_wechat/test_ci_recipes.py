"""docs/mock-in-ci.md: its YAML can be read, and what it configures exists."""

import json
import re
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped] # it has no types

from app.settings import load_settings
from mock_wechat import MINI, OFFICIAL
from mock_wechat.__main__ import _parser

TEXT = (Path(__file__).parents[2] / "docs" / "mock-in-ci.md").read_text("utf-8")
FILES = re.findall(r"^```(?:yaml|dockerfile)\n# (\S+)", TEXT, re.MULTILINE)
DOCUMENTS: list[Any] = [yaml.safe_load(code) for code in re.findall(r"(?ms)^```yaml\n(.*?)^```$", TEXT)]
COMPOSE = DOCUMENTS[-1]["services"]


def strings(value: Any) -> list[str]:
    """All texts in a document, lists of words as one text."""
    if isinstance(value, dict):
        return [text for one in value.values() for text in strings(one)]
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return [*value, " ".join(value)]
    return [text for one in value for text in strings(one)] if isinstance(value, list) else [str(value)]


def test_recipes_are_for_these_systems() -> None:
    github, gitlab = ".github/workflows/test.yml", ".gitlab-ci.yml"
    assert [github, gitlab, "Dockerfile,", gitlab, "compose.yaml"] == FILES


def test_commands_of_the_mock_have_options_that_exist() -> None:
    entry = json.loads(re.findall(r"^ENTRYPOINT (.*)$", TEXT, re.MULTILINE)[0])
    services = [COMPOSE["mock-wechat"]["command"], DOCUMENTS[2]["test"]["services"][0]["command"]]
    for command in services:
        options = _parser().parse_args([*entry[1:], *command])
        assert (options.host, options.control_host) == ("0.0.0.0", ["mock"])
    runs = [text for document in DOCUMENTS for text in strings(document) if text.startswith("mock-wechat ")]
    assert len(runs) == 2
    assert all(run.startswith("mock-wechat run -- ") for run in runs)


def test_server_of_the_compose_file_starts_with_its_settings() -> None:
    environment = COMPOSE["server"]["environment"]
    settings = load_settings(environment)
    assert settings.mock_url == "http://mock:9100"
    assert COMPOSE["mock-wechat"]["networks"]["default"]["aliases"] == ["mock"]
    assert {one.appid: one.secret for one in settings.accounts} == {one.appid: one.secret for one in (OFFICIAL, MINI)}
    assert settings.keys.find(COMPOSE["tests"]["environment"]["API_KEY"].encode())
