"""The bridge and the JS-SDK as the mock serves them; what they do in a browser is in tests/e2e/test_bridge.py."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from mock_wechat import MINI, OFFICIAL, bridge
from mock_wechat.wire import Request

from .client import Client

ROOT = Path(__file__).parents[2]
FOLDER = Path(bridge.__file__).parent
SCRIPTS = sorted(FOLDER.glob("*.js"))
ADDRESS = "/_mock/bridge.js"


def settings(script: str) -> dict[str, object]:
    """The settings in the script: the argument of its one function."""
    given = json.loads(script.rpartition("})(")[2].removesuffix(");\n"))
    assert isinstance(given, dict)
    return given


def test_bridge_is_a_script_that_is_not_cached(client: Client) -> None:
    answer = client.raw("GET", ADDRESS)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert (answer.headers["Cache-Control"], answer.headers["X-Content-Type-Options"]) == ("no-store", "nosniff")
    assert client.raw("HEAD", ADDRESS).content == b""


def test_left_out_parameters_have_defaults(client: Client) -> None:
    given = settings(client.raw("GET", ADDRESS).text)
    del given["style"], given["mock"]
    assert given == {"appid": None, "platform": "android", "overlay": True, "language": None, "late": None}


def test_parameters_reach_the_bridge(client: Client) -> None:
    query = {"appid": OFFICIAL.appid, "platform": "ios", "overlay": "off", "language": "zh", "late": "250"}
    given = settings(client.raw("GET", ADDRESS, params=query).text)
    assert given["style"]
    del given["style"], given["mock"]
    assert given == {"appid": OFFICIAL.appid, "platform": "ios", "overlay": False, "language": "zh", "late": 250}


def test_bridge_uses_the_page_s_host_name(client: Client) -> None:
    given = settings(client.raw("GET", ADDRESS, headers={"Host": "localhost:9123"}).text)
    assert given["mock"] == "http://localhost:9123"


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"platfrom": "ios"}, "did you mean 'platform'?"),
        ({"platform": "windows"}, "android, ios, harmony"),
        ({"appid": "wx1"}, f"{OFFICIAL.appid}, {MINI.appid}"),
        ({"late": "soon"}, "late must be a whole number"),
        ({"overlay": "</script>"}, "overlay must be one of on, off"),
        ({"</script>": ""}, "unknown field"),
    ],
)
def test_wrong_parameter_is_thrown_in_the_browser(client: Client, query: dict[str, str], word: str) -> None:
    answer = client.raw("GET", ADDRESS, params=query)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    thrown = re.fullmatch(r"throw new Error\((.*)\);\n", answer.text)
    assert thrown
    assert word in json.loads(thrown[1])
    assert "</script>" not in answer.text


def test_every_part_is_in_the_script() -> None:
    assert {file.name for file in SCRIPTS} == {*bridge.PARTS, "missing_sdk.js"}


@pytest.mark.parametrize("file", SCRIPTS, ids=lambda file: file.name)
def test_no_part_asks_another_host_or_writes_html(file: Path) -> None:
    text = file.read_text("utf-8")
    assert re.findall(r"[\"'`]https?:|[\"'(]//\w", text) == []
    assert re.findall(r"innerHTML =|outerHTML|insertAdjacentHTML|document\.write|\beval\b", text) == []


def asked(path: str, method: str = "GET") -> Request:
    return Request.parse(method, path, {}, b"", "127.0.0.1")


def test_sdk_is_served_unchanged(tmp_path: Path) -> None:
    file = tmp_path / bridge.SDK_FILE
    file.parent.mkdir(parents=True)
    file.write_bytes(b"\xef\xbb\xbf/* the SDK */\r\n")
    answer = bridge.find_sdk(asked(bridge.SDK_PATH), [tmp_path / "elsewhere", tmp_path])
    assert answer
    assert (answer.body, answer.content_type) == (file.read_bytes(), "text/javascript; charset=utf-8")


def test_missing_sdk_is_a_script_with_the_remedy(tmp_path: Path) -> None:
    answer = bridge.find_sdk(asked(bridge.SDK_PATH), [tmp_path])
    assert answer
    assert (answer.status, answer.headers["Cache-Control"]) == (200, "no-store")
    assert "npm ci --ignore-scripts" in answer.body.decode()


@pytest.mark.parametrize(("path", "method"), [("/open/js/jweixin-1.4.0.js", "GET"), (bridge.SDK_PATH, "POST")])
def test_nothing_else_is_there(path: str, method: str, tmp_path: Path) -> None:
    assert bridge.find_sdk(asked(path, method), [tmp_path]) is None


def test_the_lock_names_exact_versions_and_no_registry() -> None:
    wanted = json.loads((ROOT / "package.json").read_text())["devDependencies"]
    text = (ROOT / "package-lock.json").read_text()
    locked = json.loads(text)["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in wanted} == {
        name: version.rpartition("@")[2] for name, version in wanted.items()
    }
    assert all(package["integrity"] for path, package in locked.items() if path)
    assert "://" not in text
    assert "resolved" not in text


def test_make_continues_without_npm(tmp_path: Path) -> None:
    make = shutil.which("make")
    assert make, "make is needed"
    for name in ("Makefile", "package.json", "package-lock.json"):
        shutil.copy(ROOT / name, tmp_path)
    tried = subprocess.run(
        [make, "node_modules/.package-lock.json"],
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (tried.returncode, "npm is missing" in tried.stdout) == (0, True), tried.stderr
