"""The mock as others install it: its wheel in an empty environment, and the README's examples there."""

import importlib
import io
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import distribution
from pathlib import Path

import pytest
import requests
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from PIL import Image

from mock_wechat import bridge
from mock_wechat.wire import Request, Response
from tests.mock_wechat.readme import README, Example, Installation, examples, masked
from tests.mock_wechat.receiver import Receiver

ROOT = Path(__file__).parents[2]
TREE = ROOT / "mock_wechat"
NOT_INSTALLED = {"README.md", "FIDELITY.md", "pyproject.toml"}
PROJECT = tomllib.loads((TREE / "pyproject.toml").read_text("utf-8"))["project"]
EXTRAS = {package for packages in PROJECT["optional-dependencies"].values() for package in packages}
EXAMPLES = examples()
IN_A_BROWSER = "page.add_init_script"
"""tests/e2e/test_readme_page.py runs that example."""
OTHERWISE = ("$ pip install ", "$ mock-wechat", "$ python -m pytest")
"""Console examples that other tests below run; the first is the fixture `installed`."""


def tree() -> set[str]:
    """The files of mock_wechat/, as a wheel has them."""
    found = {path.relative_to(TREE) for path in TREE.rglob("*") if path.is_file()}
    ours = {path for path in found if not {"__pycache__", "build"} & set(path.parts) and ".egg-info/" not in str(path)}
    return {f"mock_wechat/{path.as_posix()}" for path in ours} - {f"mock_wechat/{name}" for name in NOT_INSTALLED}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, because setuptools leaves build/ behind, by the backend that pip calls."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(TREE, folder / "mock_wechat", ignore=shutil.ignore_patterns("__pycache__", "build", "*.egg-info"))
    script = f"from setuptools import build_meta; build_meta.build_wheel({str(folder)!r})"
    subprocess.run([sys.executable, "-c", script], cwd=folder / "mock_wechat", check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheel: Path) -> Installation:
    """A fresh virtual environment, without pip, with the wheel and nothing else."""
    folder = wheel.parent / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--no-compile", str(wheel)], check=True)
    names = {Requirement(package).name for package in EXTRAS} | {"pytest", "wechatpy"}
    return Installation(folder, linked(wheel.parent / "libraries", names))


def linked(folder: Path, names: set[str]) -> Path:
    """A folder with these packages and what they need: links to those of the suite."""
    folder.mkdir()
    known: set[str] = set()
    while new := {canonicalize_name(name) for name in names} - known:
        known |= new
        for found in map(distribution, sorted(new)):
            wanted = [Requirement(text) for text in found.requires or ()]
            names |= {one.name for one in wanted if one.marker is None or one.marker.evaluate({"extra": ""})}
            for top in {file.parts[0] for file in found.files or ()} - {"..", "__pycache__"}:
                (folder / top).symlink_to(Path(str(found.locate_file(top))))
    return folder


def test_wheel_has_every_file_of_the_tree(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == tree()


def test_nothing_is_needed_and_all_is_all_extras() -> None:
    assert PROJECT.get("dependencies", []) == []
    assert set(PROJECT["optional-dependencies"]["all"]) == EXTRAS


def test_plugin_may_be_named_in_a_conftest_too() -> None:
    [(name, module)] = PROJECT["entry-points"]["pytest11"].items()
    manager = pytest.PytestPluginManager()
    manager.register(importlib.import_module(module), name)  # as pytest does it with an entry point
    manager.import_plugin(module)


def test_commands_work_in_an_empty_environment(installed: Installation, tmp_path: Path) -> None:
    for command in ("mock-wechat --help", "python -m mock_wechat --help"):
        assert "usage: mock-wechat [OPTION...]" in installed.run(command, tmp_path).stdout
    listed = installed.run("python -c 'import mock_wechat; print(mock_wechat.__file__)'", tmp_path).stdout
    assert listed.startswith(str(installed.folder))
    assert (Path(listed.strip()).parent / "py.typed").is_file()


MISSING = """
import json, urllib.error, urllib.request
from mock_wechat import MINI, MockWeChat, intercept
with MockWeChat() as mock:
    def post(path, body, **headers):
        request = urllib.request.Request(mock.url + path, body, headers)
        try:
            return json.load(urllib.request.urlopen(request))
        except urllib.error.HTTPError as error:
            return error.code, json.load(error)["error"]
    asked = {"grant_type": "client_credential", "appid": MINI.appid, "secret": MINI.secret}
    token = post("/cgi-bin/stable_token", json.dumps(asked).encode())["access_token"]
    body = b'--b\\r\\nContent-Disposition: form-data; name="media"; filename="a"\\r\\n\\r\\nx\\r\\n--b--\\r\\n'
    form = {"Content-Type": "multipart/form-data; boundary=b"}
    print(*post(f"/wxa/img_sec_check?access_token={token}", body, **form))
    media = {"media_url": "http://127.0.0.1:1/", "media_type": 2}
    print(*post(f"/wxa/media_check_async?access_token={token}", json.dumps(media).encode()))
try:
    intercept()
except ImportError as error:
    print(error)
"""


def test_missing_package_is_an_error_that_names_its_extra(installed: Installation, tmp_path: Path) -> None:
    (tmp_path / "missing.py").write_text(MISSING)
    shown = installed.run("python missing.py", tmp_path)
    assert [re.sub(r" \(.*\)", "", line) for line in shown.stdout.splitlines()] == [
        "501 judging images needs the extra 'images': install mock-wechat[images]",
        "501 judging images needs the extra 'images': install mock-wechat[images]",
        "mock_wechat.intercept() needs the extra 'intercept': install mock-wechat[intercept]",
    ], shown.stderr


class OwnServer(Receiver):
    """The reader's server: accepts pushes and their check, has an image to check."""

    def _answer(self, request: Request) -> Response:
        if echo := request.query.get("echostr"):
            return Response(echo.encode(), "text/plain")
        return super()._answer(request)


@pytest.fixture
def receiver() -> Iterator[OwnServer]:
    image = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(image, "PNG")
    with OwnServer() as server:
        server.serve("/red.png", image.getvalue())
        yield server


def project(folder: Path, suffixes: tuple[str, ...]) -> None:
    """The files that the README's examples name."""
    for example in EXAMPLES:
        if example.file and example.file.endswith(suffixes):
            (folder / example.file).parent.mkdir(parents=True, exist_ok=True)
            (folder / example.file).write_text(example.code, "utf-8")


def printed(place: str, command: str) -> Example:
    [example] = [one for one in EXAMPLES if one.place == place and f"$ {command}\n" in one.code]
    return example


def test_project_with_an_app_package_runs_its_tests(installed: Installation, tmp_path: Path) -> None:
    project(tmp_path, (".py",))
    assert (tmp_path / "app").is_dir()
    [(command, output)] = printed("In a test", "python -m pytest -q").commands
    (guard := tmp_path.parent / f"{tmp_path.name}-guard").mkdir()
    ran = installed.run(command, tmp_path, **installed.with_libraries(guard))
    assert (masked(ran.stdout), ran.returncode) == (masked(output), 0), ran.stderr


@pytest.mark.skipif(not shutil.which("npm") and not os.environ.get("CI"), reason="npm is missing")
def test_node_project_runs_its_tests(installed: Installation, tmp_path: Path) -> None:
    project(tmp_path, (".mjs",))
    (tmp_path / "package.json").write_text('{"scripts": {"test": "node --test"}}')
    [(command, _)] = printed("Start it", "mock-wechat run -- npm test").commands
    ran = installed.run(command.replace(" run ", " run --port 0 "), tmp_path)
    assert (ran.returncode, re.findall(r"(?:pass|fail) \d+", ran.stdout)) == (0, ["pass 1", "fail 0"]), ran.stdout


@pytest.fixture
def served(installed: Installation, tmp_path: Path) -> Iterator[tuple[str, str]]:
    """A running `mock-wechat` as the README starts it, but on a free port: the port, and what was printed."""
    [(command, output)] = printed("Start it", "mock-wechat").commands
    environment = installed.environment(**installed.with_libraries(tmp_path))
    mock = [str(installed.folder / "bin" / command.strip()), "--port", "0"]
    with subprocess.Popen(mock, env=environment, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines = "".join(process.stdout.readline() for _ in output.splitlines())
        port = re.findall(r"127\.0\.0\.1:(\d+)", lines)[0]
        yield port, lines.replace(f":{port}", ":9100")
        process.terminate()


def test_console_examples_print_what_the_readme_says(
    served: tuple[str, str], installed: Installation, receiver: OwnServer, tmp_path: Path
) -> None:
    port, lines = served
    first = printed("Start it", "mock-wechat")
    assert lines == first.commands[0][1]
    places = {"127.0.0.1:9100": f"127.0.0.1:{port}", "http://127.0.0.1:8000": receiver.url}
    for example in EXAMPLES:
        if example.language == "console" and not example.code.startswith(OTHERWISE):
            reset = "curl -s 127.0.0.1:9100/_mock/reset -H 'Content-Type: application/json' -d '{}'"
            script = "".join(f"{command}printf '\\0'\n" for command, _ in [(f"{reset}\n", ""), *example.commands])
            shown = installed.run(replaced(script, places), tmp_path).stdout.split("\0")[1:-1]
            assert [masked(one) for one in shown] == [masked(output) for _, output in example.commands], example.code


def test_python_examples_do_what_the_readme_says(
    served: tuple[str, str], installed: Installation, receiver: OwnServer, tmp_path: Path
) -> None:
    places = {"127.0.0.1:9100": f"127.0.0.1:{served[0]}", "http://127.0.0.1:8000": receiver.url}
    codes = [one.code for one in EXAMPLES if one.language == "python" and not one.file and IN_A_BROWSER not in one.code]
    codes += recipes()
    (tmp_path / "examples.json").write_text(json.dumps([replaced(code, places) for code in codes]))
    given = Path(__file__).with_name("given.py")
    ran = installed.run(f"python {given} examples.json {receiver.url}", tmp_path, **installed.with_libraries(tmp_path))
    assert (ran.returncode, ran.stdout) == (0, f"{len(codes)} examples\n"), ran.stderr


def test_page_examples_load_scripts_that_exist(served: tuple[str, str], tmp_path: Path) -> None:
    sdk = tmp_path / bridge.SDK_FILE  # as npm installs it in a project
    sdk.parent.mkdir(parents=True)
    sdk.write_text("// WeChat's own")
    sources = [url for one in EXAMPLES if one.language == "html" for url in re.findall(r'src="([^"]+)"', one.code)]
    scripts = [requests.get(url.replace(":9100/", f":{served[0]}/"), timeout=10).text for url in sources]
    assert ["WeixinJSBridge" in script for script in scripts] == [True, False]
    assert scripts[1] == sdk.read_text()


def test_every_example_is_run() -> None:
    languages = {one.language for one in EXAMPLES if not one.file}
    assert languages == {"console", "python", "html"}
    assert sum(IN_A_BROWSER in one.code for one in EXAMPLES) == 1


def recipes() -> list[str]:
    """The calls of the section Recipes, in the middle of its sentences."""
    part = README.read_text("utf-8").partition("\n## Recipes\n")[2].partition("\n## ")[0]
    return [code for code in re.findall(r"`(mock\.\w+\([^`]*\))`", part) if "..." not in code]


def replaced(text: str, places: dict[str, str]) -> str:
    for old, new in places.items():
        text = text.replace(old, new)
    return text
