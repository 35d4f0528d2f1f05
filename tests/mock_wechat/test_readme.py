"""mock_wechat/README.md names what there is: endpoints, control calls, scenarios, quirks, fields."""

import re
from dataclasses import fields
from pathlib import Path

import mock_wechat
from mock_wechat import bridge
from mock_wechat.api import ENDPOINTS
from mock_wechat.control import ACTIONS, PUSH_ACTIONS
from mock_wechat.control.scenarios import SCENARIOS
from mock_wechat.push.kinds import EVENTS, MESSAGES
from mock_wechat.quirks import QUIRKS
from mock_wechat.state.accounts import Account
from mock_wechat.state.faults import Fault

README = (Path(mock_wechat.__file__).parent / "README.md").read_text("utf-8")


def rows(heading: str) -> dict[str, str]:
    """The table under a heading of the third level: first cell, second cell, code marks taken off the first."""
    part = README.partition(f"### {heading}\n")[2].partition("\n#")[0]
    return {name.strip("`"): text for name, text in re.findall(r"^\| (`[^|]+`) \| (.*?) \|$", part, re.MULTILINE)}


def test_every_endpoint_is_listed() -> None:
    assert {path for path in ENDPOINTS if f" {path}`" not in README} == set()


def test_every_control_call_is_listed() -> None:
    assert {path for path in (*ACTIONS, *PUSH_ACTIONS) if f"/_mock{path}" not in README} == set()


def test_scenarios_are_listed_word_for_word() -> None:
    assert rows("Scenarios") == {name: scenario.sentence for name, scenario in SCENARIOS.items()}


def test_quirks_are_listed_word_for_word() -> None:
    listed = rows("Faults")
    assert {name: listed.get(name) for name in QUIRKS} == QUIRKS


def test_every_message_and_event_is_listed() -> None:
    part = README.partition("### Messages from users\n")[2].partition("\n#")[0]
    assert {kind for kind in (*MESSAGES, *EVENTS) if f"`{kind}`" not in part} == set()


def test_every_field_of_an_account_and_of_a_fault_is_named() -> None:
    ours = {"seen"}
    names = {field.name for of in (Account, Fault) for field in fields(of)} - ours
    assert {name for name in names if not re.search(rf'[`"]{name}\b', README)} == set()


def test_every_parameter_and_call_of_the_bridge_is_listed() -> None:
    part = README.partition("## A page in WeChat's browser\n")[2].partition("\n## ")[0]
    source = (Path(bridge.__file__).parent / "answers.js").read_text("utf-8").partition("const ANSWERS = {")[2]
    inside = ("preVerifyJSAPI", "sendAppMessage", "shareTimeline", "shareQQ", "shareQZone", "shareWeiboApp")
    public = {"geoLocation": "getLocation", "imagePreview": "previewImage"}
    answered = set(re.findall(r"^  (\w+):", source.partition("\n};")[0], re.MULTILINE)) - set(inside)
    assert {name for name in answered if f"`{public.get(name, name)}`" not in part} == set()
    assert set(re.findall(r"^\| `(\w+)` \| [^|]+ \| [^|]+ \|$", part, re.MULTILINE)) == {
        "platform",
        "appid",
        "overlay",
        "language",
        "late",
    }
