"""Central mode: no secret is needed, URL and key are, and nobody reads from himself."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest
from app.config import check_central, load_settings

from app.exceptions import SettingsError
from tests.app.config.conftest import (
    APPID,
    KEY,
    MINI_APPID,
    SECRET,
    SHOP,
    SHOP_APPID,
    Toml,
    problems,
    the_problem,
)

URL = "https://wechat.example.com"
CENTRAL = {
    "WECHAT_APPID": APPID,
    "WECHAT_TOKEN_MODE": "central",
    "WECHAT_CENTRAL_URL": URL,
    "WECHAT_CENTRAL_KEY": KEY,
}


def without(name: str) -> dict[str, str]:
    return {given: value for given, value in CENTRAL.items() if given != name}


def test_appid_url_and_key_are_all_it_takes() -> None:
    settings = load_settings(CENTRAL | {"WECHAT_MINI_APPID": MINI_APPID})
    assert [(account.appid, account.secret) for account in settings.accounts] == [(APPID, ""), (MINI_APPID, "")]
    assert settings.central
    assert (settings.central.url, settings.central.key) == (URL, KEY)
    assert KEY not in repr(settings)


def test_key_may_come_from_a_file(secret_file: Callable[[bytes], str]) -> None:
    path = secret_file(KEY.encode() + b"\n")
    settings = load_settings(without("WECHAT_CENTRAL_KEY") | {"WECHAT_CENTRAL_KEY_FILE": path})
    assert settings.central
    assert settings.central.key == KEY


def test_one_account_of_the_toml_file_may_be_in_central_mode(toml: Toml) -> None:
    environ = toml(f'[accounts.b]\nappid = "{MINI_APPID}"\ntoken_mode = "central"\n' + SHOP)
    settings = load_settings(environ | {"WECHAT_CENTRAL_URL": URL, "WECHAT_CENTRAL_KEY": KEY})
    assert [account.token_mode for account in settings.accounts] == ["central", "stable"]
    assert settings.accounts.find(SHOP_APPID).secret


def test_secret_that_is_set_is_not_used_and_warned_of(caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    environ = CENTRAL | {"WECHAT_SECRET": SECRET, "WECHAT_MINI_APPID": MINI_APPID}
    settings = load_settings(environ | {"WECHAT_MINI_SECRET_FILE": str(tmp_path / "nowhere")})
    assert [account.secret for account in settings.accounts] == ["", ""]
    assert [record.getMessage().partition(" is not used")[0] for record in caplog.records] == [
        "WECHAT_SECRET",
        "WECHAT_MINI_SECRET_FILE",
    ]
    assert SECRET not in caplog.text


@pytest.mark.parametrize("name", ["WECHAT_CENTRAL_URL", "WECHAT_CENTRAL_KEY"])
def test_what_is_missing_is_named(name: str) -> None:
    assert the_problem(without(name)).startswith(f"{name}: is missing; right is, for example: ")


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("http://wechat.example.com", "must be https"),
        ("https://user:5ecre7@wechat.example.com", "must be http:// or https://"),
        ("https://wechat.example.com/?a=1", "nothing behind"),
        ("https://wechat.example.com/api", "nothing behind"),
        ("wechat.example.com", "must be http:// or https://"),
    ],
)
def test_url_that_would_not_do_is_a_problem(url: str, said: str) -> None:
    problem = the_problem(CENTRAL | {"WECHAT_CENTRAL_URL": url})
    assert problem.startswith("WECHAT_CENTRAL_URL: ")
    assert said in problem


@pytest.mark.parametrize("url", ["http://127.0.0.1:8001", "http://localhost:8001", "https://wechat.example.com:8443/"])
def test_url_may_be_http_on_loopback(url: str) -> None:
    settings = load_settings(CENTRAL | {"WECHAT_CENTRAL_URL": url})
    assert settings.central
    assert settings.central.url == url.removesuffix("/")


@pytest.mark.parametrize("key", ["your-key", "5ecre7 with spaces", "xxxx"])
def test_key_that_is_none_is_a_problem(key: str) -> None:
    assert the_problem(CENTRAL | {"WECHAT_CENTRAL_KEY": key}).startswith("WECHAT_CENTRAL_KEY: ")


def test_key_and_file_are_one_too_many(secret_file: Callable[[bytes], str]) -> None:
    said = the_problem(CENTRAL | {"WECHAT_CENTRAL_KEY_FILE": secret_file(KEY.encode())})
    assert said.startswith("WECHAT_CENTRAL_KEY_FILE: ")
    assert "keep one of them" in said


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = problems({"WECHAT_APPID": "wx1", "WECHAT_TOKEN_MODE": "central"})
    assert [line.partition(":")[0] for line in found] == ["WECHAT_APPID", "WECHAT_CENTRAL_URL", "WECHAT_CENTRAL_KEY"]


def test_central_settings_without_central_mode_are_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        settings = load_settings(CENTRAL | {"WECHAT_TOKEN_MODE": "stable", "WECHAT_SECRET": SECRET})
    assert settings.central is None
    assert "WECHAT_CENTRAL_URL is not used" in caplog.text
    assert "WECHAT_CENTRAL_KEY is not used" in caplog.text


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8000", ("127.0.0.1", 8000)),
        ("http://localhost:8000", ("127.0.0.1", 8000)),
        ("http://127.0.0.1:8000", ("0.0.0.0", 8000)),
        ("http://[::1]:8000", ("::", 8000)),
        ("https://10.0.0.5:8000", ("10.0.0.5", 8000)),
    ],
)
def test_server_that_reads_from_itself_does_not_start(url: str, address: tuple[str, int]) -> None:
    with pytest.raises(SettingsError, match="WECHAT_CENTRAL_URL: is this server itself"):
        check_central(load_settings(CENTRAL | {"WECHAT_CENTRAL_URL": url}), [address])


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://127.0.0.1:8001", ("127.0.0.1", 8000)),
        ("http://127.0.0.2:8000", ("127.0.0.1", 8000)),
        ("https://wechat.example.com:8000", ("0.0.0.0", 8000)),
        ("http://127.0.0.1:8000", "unix:/run/wechat.sock"),
    ],
)
def test_other_server_may_be_read_from(url: str, address: object) -> None:
    check_central(load_settings(CENTRAL | {"WECHAT_CENTRAL_URL": url}), [address])
