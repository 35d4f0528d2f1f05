"""The server as others install it: its wheel in a fresh environment, run from an empty folder."""

import os
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import flask
import granian
import pytest
import requests

from app.version import __version__
from mock_wechat import MockWeChat
from tests.e2e.servers import answers, eventually, free_port, stop

ROOT = Path(__file__).parents[1]
FOLDERS, FILES = ("app", "static"), ("pyproject.toml", "README.md", "LICENSE")


def tree() -> set[str]:
    """The files of app/ and static/, as the wheel has them."""
    found = [path.relative_to(ROOT) for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    places = [path.as_posix() for path in found if "__pycache__" not in path.parts]
    return {f"wechat_central/{place.removeprefix('app/')}" for place in places}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built from a copy, because setuptools leaves build/ behind, by the backend that pip calls."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in FOLDERS:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in FILES:
        shutil.copy(ROOT / name, folder)
    script = "from setuptools import build_meta; build_meta.build_wheel('.')"
    subprocess.run([sys.executable, "-c", script], cwd=folder, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def commands(wheel: Path) -> Path:
    """The folder with the commands of a fresh environment: the wheel, and the libraries of this one."""
    folder = wheel.parent / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    pip = [sys.executable, "-m", "pip", "--python", str(folder), "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "--no-deps", "--no-index", "--no-compile", str(wheel)], check=True)
    [packages] = folder.glob("lib/python*/site-packages")
    libraries = {str(Path(module.__file__).parents[1]) for module in (flask, granian) if module.__file__}
    (packages / "libraries.pth").write_text("\n".join(libraries))
    return folder / "bin"


def test_wheel_has_every_file_of_the_tree(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == tree()
        [license_file] = [name for name in archive.namelist() if name.endswith("LICENSE")]
        assert archive.read(license_file) == (ROOT / "LICENSE").read_bytes()


def test_command_shows_the_one_version(wheel: Path, commands: Path, tmp_path: Path) -> None:
    shown = subprocess.run([commands / "wechat-central", "--version"], cwd=tmp_path, capture_output=True, check=True)
    assert shown.stdout.decode() == f"wechat-central {__version__}\n"
    assert wheel.name.split("-")[1] == __version__


@contextmanager
def served(commands: Path, folder: Path, environment: dict[str, str], *options: str) -> Iterator[str]:
    """The address of `wechat-central serve` with these settings, run in `folder`."""
    port = free_port()
    url, log = f"http://127.0.0.1:{port}", folder.with_suffix(".log")
    settings = {"PATH": os.environ["PATH"], "WECHAT_JS_DOMAINS": f"127.0.0.1:{port}", **environment}
    command = [str(commands / "wechat-central"), "serve", "--bind", f"127.0.0.1:{port}", *options]
    with log.open("wb") as output:
        process = subprocess.Popen(command, cwd=folder, env=settings, stdout=output, stderr=output)
    try:
        eventually(lambda: answers(f"{url}/healthz") or process.poll() is not None, "the server answers")
        assert process.poll() is None, log.read_text()
        yield url
        assert f"starting version={__version__}" in log.read_text()
    finally:
        stop(process)


@pytest.mark.parametrize("options", [("--workers", "2"), ("--granian",)], ids=["gunicorn", "granian"])
def test_server_signs_a_page_from_an_empty_folder(
    mock_wechat_server: MockWeChat, commands: Path, tmp_path: Path, options: tuple[str, ...]
) -> None:
    (folder := tmp_path / "empty").mkdir()
    with served(commands, folder, mock_wechat_server.environment, *options) as url:
        page = f"{url}/shop?id=1"
        signed = requests.get(f"{url}/api/jssdk/signature", {"url": page}, timeout=30).json()
        assert mock_wechat_server.verify(signed, page) == {"valid": True}
        assert requests.get(f"{url}/static/wx-config.js", timeout=30).ok
        assert requests.get(f"{url}/", timeout=30).ok
    assert [path.name for path in folder.iterdir()] == ["instance"]


def test_granian_without_its_extra_is_an_error_that_names_it(commands: Path, tmp_path: Path) -> None:
    script = "import sys; sys.modules['granian'] = None; from wechat_central.serving.cli import main; main()"
    command = [str(commands / "python"), "-c", script, "serve", "--granian"]
    tried = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (tried.returncode, tried.stderr) == (
        1,
        "Error: granian is missing: pip install 'wechat-central-server[granian]'\n",
    )
