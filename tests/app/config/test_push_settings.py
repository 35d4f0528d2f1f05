"""The message push of an account, and the key that signs links: from both sources, and what is wrong with them."""

from collections.abc import Callable

import pytest
from app.config import load_settings

from app.accounts import PushSettings
from tests.app.config.conftest import MINI_APPID, MINI_SECRET, SHOP, Toml, problems, the_problem

TOKEN, KEY, OLD_KEY = "5ecre7token", "5ecre7" + "k" * 37, "5ecre7" + "o" * 37
FORWARD = "https://shop.example.com/wechat?from=push"
MINI = {"WECHAT_MINI_APPID": MINI_APPID, "WECHAT_MINI_SECRET": MINI_SECRET}


def test_environment_has_the_push_of_its_mini_program() -> None:
    environ = MINI | {
        "WECHAT_PUSH_TOKEN": TOKEN,
        "WECHAT_PUSH_AES_KEY": f"{KEY},{OLD_KEY}",
        "WECHAT_PUSH_FORWARD_URL": FORWARD,
    }
    account = load_settings(environ).accounts.find("mini")
    assert account.push == PushSettings(TOKEN, (KEY, OLD_KEY), FORWARD)


def test_table_has_the_push_of_its_account(toml: Toml) -> None:
    table = f'push_token = "{TOKEN}"\npush_aes_key = "{KEY}"\npush_aes_key_previous = "{OLD_KEY}"\n'
    push = load_settings(toml(f'{SHOP}{table}push_forward_url = "{FORWARD}"\n')).accounts.find("shop").push
    assert push == PushSettings(TOKEN, (KEY, OLD_KEY), FORWARD)


def test_without_a_token_nothing_can_be_pushed() -> None:
    assert load_settings(MINI).accounts.find("mini").push is None


def test_token_and_key_may_stand_in_files(secret_file: Callable[[bytes], str]) -> None:
    environ = MINI | {"WECHAT_PUSH_TOKEN": TOKEN, "WECHAT_PUSH_AES_KEY_FILE": secret_file(f"{KEY}\n".encode())}
    assert load_settings(environ).accounts.find("mini").push == PushSettings(TOKEN, (KEY,))


def test_environment_wins_over_the_table_in_either_spelling(toml: Toml) -> None:
    table = f'[accounts.mini]\npush_token_file = "/nowhere"\npush_aes_key = "{KEY}"\n'
    account = load_settings(MINI | toml(table) | {"WECHAT_PUSH_TOKEN": TOKEN}).accounts.find("mini")
    assert account.push == PushSettings(TOKEN, (KEY,))


@pytest.mark.parametrize("key", ["k" * 42, "k" * 44, "k" * 42 + "=", "k" * 42 + "+", f"{KEY},", f",{KEY}"])
def test_wrong_aes_key_stops_the_start_and_says_what_one_is(key: str) -> None:
    problem = the_problem(MINI | {"WECHAT_PUSH_TOKEN": TOKEN, "WECHAT_PUSH_AES_KEY": key})
    assert problem.startswith("WECHAT_PUSH_AES_KEY: an EncodingAESKey is 43 letters and digits")


@pytest.mark.parametrize(("name", "value"), [("AES_KEY", KEY), ("FORWARD_URL", FORWARD)])
def test_push_without_its_token_is_a_problem(name: str, value: str) -> None:
    assert "of no use without a push token" in the_problem(MINI | {f"WECHAT_PUSH_{name}": value})


@pytest.mark.parametrize("url", ["shop.example.com", "ftp://shop.example.com/", "https://", "https://me@h/"])
def test_wrong_forward_url_is_a_problem(url: str) -> None:
    environ = MINI | {"WECHAT_PUSH_TOKEN": TOKEN, "WECHAT_PUSH_FORWARD_URL": url}
    assert the_problem(environ).startswith("WECHAT_PUSH_FORWARD_URL: must be the whole")


def test_push_of_the_environment_needs_its_mini_program() -> None:
    assert "WECHAT_MINI_APPID: is missing" in "".join(problems({"WECHAT_PUSH_TOKEN": TOKEN}))


def test_secret_key_has_32_characters_at_least() -> None:
    assert load_settings(MINI | {"WECHAT_SECRET_KEY": "5ecre7" * 6}).secret_key == "5ecre7" * 6
    assert "fewer than 32" in the_problem(MINI | {"WECHAT_SECRET_KEY": "5ecre7" * 5})


def test_secret_key_may_stand_in_a_file_and_is_in_no_repr(secret_file: Callable[[bytes], str]) -> None:
    settings = load_settings(MINI | {"WECHAT_SECRET_KEY_FILE": secret_file(b"5ecre7" * 6 + b"\n")})
    assert settings.secret_key == "5ecre7" * 6
    assert "5ecre7" not in repr(settings)


def test_public_url_is_https_unless_loopback() -> None:
    assert load_settings(MINI | {"WECHAT_PUBLIC_URL": "https://wx.example.com/"}).public_url == "https://wx.example.com"
    assert load_settings(MINI | {"WECHAT_PUBLIC_URL": "http://127.0.0.1:8000"}).public_url
    assert "must be https" in the_problem(MINI | {"WECHAT_PUBLIC_URL": "http://wx.example.com"})
