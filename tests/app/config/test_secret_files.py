"""Secrets, given as they are or in files: what is taken, and that none is said."""

from collections.abc import Callable
from pathlib import Path

import pytest
from app.config import load_settings

from tests.app.config.conftest import (
    APPID,
    MINI_APPID,
    MINI_SECRET,
    OFFICIAL,
    SECRET,
    SHOP,
    SHOP_APPID,
    Toml,
    problems,
    the_problem,
)


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_secret_comes_from_a_file_without_its_line_end(secret_file: Callable[[bytes], str], ending: bytes) -> None:
    path = secret_file(SECRET.encode() + ending)
    settings = load_settings({"WECHAT_APPID": APPID, "WECHAT_SECRET_FILE": path})
    account = settings.accounts.first()
    assert (account.secret, account.secret_file) == (SECRET, path)


def test_secret_of_the_environment_comes_from_no_file() -> None:
    assert load_settings(OFFICIAL).accounts.first().secret_file is None


def test_secret_of_a_table_comes_from_its_file(toml: Toml, secret_file: Callable[[bytes], str]) -> None:
    path = secret_file(SECRET.encode())
    account = load_settings(toml(f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret_file = "{path}"\n')).accounts.first()
    assert (account.secret, account.secret_file) == (SECRET, path)


def test_secret_file_of_an_editor_that_writes_a_byte_order_mark_is_read(secret_file: Callable[[bytes], str]) -> None:
    path = secret_file(b"\xef\xbb\xbf" + MINI_SECRET.encode())
    settings = load_settings({"WECHAT_MINI_APPID": MINI_APPID, "WECHAT_MINI_SECRET_FILE": path})
    assert settings.accounts.first("mini").secret == MINI_SECRET


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"\n", "is empty"), (b"5ecre7\xff", "not UTF-8"), (b"5ecre7\n5ecre7\n", "line end")],
)
def test_unusable_secret_file_is_a_problem(secret_file: Callable[[bytes], str], content: bytes, said: str) -> None:
    problem = the_problem({"WECHAT_APPID": APPID, "WECHAT_SECRET_FILE": secret_file(content)})
    assert problem.startswith("WECHAT_SECRET_FILE: ")
    assert said in problem


def test_secret_file_that_is_a_folder_is_a_problem(tmp_path: Path) -> None:
    assert "cannot be read" in the_problem({"WECHAT_APPID": APPID, "WECHAT_SECRET_FILE": str(tmp_path)})


def test_secret_where_its_file_belongs_is_not_repeated() -> None:
    problem = the_problem({"WECHAT_APPID": APPID, "WECHAT_SECRET_FILE": SECRET})
    assert problem.startswith("WECHAT_SECRET_FILE: the file cannot be read (No such file or directory)")


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({**OFFICIAL, "WECHAT_SECRET_FILE": "/nowhere"}, "WECHAT_SECRET_FILE: secret is given too"),
        ({**OFFICIAL, "WECHAT_SECRET": "your-secret"}, "WECHAT_SECRET: is a placeholder"),
        ({**OFFICIAL, "WECHAT_SECRET": "changeme"}, "placeholder"),
        ({**OFFICIAL, "WECHAT_SECRET": "CHANGE_ME"}, "placeholder"),
        ({**OFFICIAL, "WECHAT_SECRET": "<AppSecret>"}, "placeholder"),
        ({**OFFICIAL, "WECHAT_SECRET": "${WECHAT_SECRET}"}, "placeholder"),
        ({**OFFICIAL, "WECHAT_SECRET": "xxxxxxxx"}, "placeholder"),
        ({**OFFICIAL, "WECHAT_SECRET": "********"}, "placeholder"),
        ({**OFFICIAL, "WECHAT_SECRET": "5ecre7 5ecre7"}, "WECHAT_SECRET: has a space"),
        ({**OFFICIAL, "WECHAT_SECRET": "5ecre7\udcff"}, "WECHAT_SECRET"),
    ],
)  # fmt: skip
def test_unusable_secret_is_a_problem_that_names_the_setting(environ: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in problems(environ))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SHOP + 'secret_file = "x"\n', "[accounts.shop] secret_file: secret is given too"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret = 1\n', "[accounts.shop] secret: must be a string"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret_file = 1\n', "must be the path of a file"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret_file = "a\\u0000b"\n', "no file can have this name"),
    ],
)  # fmt: skip
def test_unusable_secret_of_a_table_is_a_problem_that_names_the_place(toml: Toml, content: str, said: str) -> None:
    assert said in the_problem(toml(content))
