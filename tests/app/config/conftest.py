"""What the tests of settings share: accounts, keys, files, and what is wrong with an environment."""

import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from app.config import load_settings

from app.exceptions import SettingsError

APPID, MINI_APPID, SHOP_APPID = "wx00000000000000a1", "wx00000000000000b2", "wx00000000000000c3"
SECRET, MINI_SECRET, SHOP_SECRET = "5ecre7" + "a" * 26, "5ecre7" + "b" * 26, "5ecre7" + "c" * 26
KEY, OTHER_KEY = "5ecre7-key-of-the-backend", "5ecre7-key-of-another-one"
OFFICIAL = {"WECHAT_APPID": APPID, "WECHAT_SECRET": SECRET}
SHOP = f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret = "{SHOP_SECRET}"\n'

Toml = Callable[[str], dict[str, str]]


@pytest.fixture
def toml(tmp_path: Path) -> Toml:
    """The environment that names a TOML file of this content."""

    def write(content: str) -> dict[str, str]:
        path = tmp_path / "wechat.toml"
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        return {"WECHAT_CONFIG": str(path)}

    return write


@pytest.fixture
def secret_file(tmp_path: Path) -> Callable[[bytes], str]:
    def write(content: bytes) -> str:
        path = tmp_path / "secret"
        path.write_bytes(content)
        return str(path)

    return write


def problems(environ: Mapping[str, str]) -> tuple[str, ...]:
    """What load_settings finds wrong; checks that it gives away nothing on the way."""
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    said = "".join(traceback.format_exception(caught.value))
    assert "5ecre7" not in said
    assert caught.value.__context__ is None
    assert caught.value.__cause__ is None
    return caught.value.problems


def the_problem(environ: Mapping[str, str]) -> str:
    (problem,) = problems(environ)
    return problem
