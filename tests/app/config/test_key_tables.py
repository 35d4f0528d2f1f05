"""API keys: which source wins, and what is wrong with one."""

from collections.abc import Callable

import pytest
from app.config import load_settings
from app.keys import SCOPES

from tests.app.config.conftest import (
    KEY,
    MINI_APPID,
    MINI_SECRET,
    OFFICIAL,
    OTHER_KEY,
    SHOP,
    SHOP_APPID,
    Toml,
    problems,
    the_problem,
)


def test_api_keys_have_names_scopes_and_may_share_a_name() -> None:
    keys = load_settings(OFFICIAL | {"WECHAT_API_KEYS": f"backend:token+ticket={KEY},backend={OTHER_KEY}"}).keys
    old, new = keys.find(KEY.encode()), keys.find(OTHER_KEY.encode())
    assert old
    assert new
    assert (old.name, old.scopes, old.accounts) == ("backend", frozenset({"token", "ticket"}), None)
    assert (new.name, new.scopes, new.accounts) == ("backend", frozenset({"moderation"}), None)


def test_api_keys_come_from_a_file_one_a_line(secret_file: Callable[[bytes], str]) -> None:
    path = secret_file(f"a:ops={KEY}\nb={OTHER_KEY}\n".encode())
    assert [key.name for key in load_settings(OFFICIAL | {"WECHAT_API_KEYS_FILE": path}).keys] == ["a", "b"]


def test_toml_keys_have_scopes_and_accounts_by_name_or_appid(toml: Toml, secret_file: Callable[[bytes], str]) -> None:
    environ = toml(
        f'{SHOP}[keys.a]\nkey = "{KEY}"\nscopes = ["token", "ops"]\naccounts = ["{SHOP_APPID}", "default"]\n'
        f'[keys.b]\nkey_file = "{secret_file(OTHER_KEY.encode())}"\n'
    )
    a, b = load_settings(OFFICIAL | environ).keys
    assert (a.name, a.scopes, a.accounts) == ("a", frozenset({"token", "ops"}), frozenset({"shop", "default"}))
    assert (b.name, b.scopes, b.accounts) == ("b", frozenset({"moderation"}), None)


def test_key_of_the_environment_replaces_that_of_the_same_name(toml: Toml, caplog: pytest.LogCaptureFixture) -> None:
    environ = toml(f'[keys.a]\nkey = "{OTHER_KEY}"\n') | {"WECHAT_API_KEYS": f"a={KEY}"}
    keys = load_settings(OFFICIAL | environ).keys
    assert keys.find(KEY.encode())
    assert not keys.find(OTHER_KEY.encode())
    assert "[keys.a] is not used" in caplog.text


def test_demo_key_opens_every_scope_of_a_server_on_a_mock() -> None:
    mock = {"WECHAT_API_BASE": "http://127.0.0.1:9100,http://localhost:9101", "WECHAT_DEMO_KEY": KEY}
    key = load_settings(OFFICIAL | mock).keys.find(KEY.encode())
    assert key
    assert (key.name, key.scopes) == ("demo", frozenset(SCOPES))


@pytest.mark.parametrize("base", ["https://api.weixin.qq.com", "http://127.0.0.1:9100,https://api.weixin.qq.com"])
def test_demo_key_is_refused_where_the_real_wechat_may_be_called(base: str) -> None:
    assert "WECHAT_DEMO_KEY" in the_problem(OFFICIAL | {"WECHAT_API_BASE": base, "WECHAT_DEMO_KEY": KEY})


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("backend=5ecre7-too-short", "WECHAT_API_KEYS entry 1 key: the key has 16 characters, it needs at least 24"),
        (f"a={KEY},b={KEY}", "entry 2 key: the same key as WECHAT_API_KEYS entry 1"),
        (f"a={KEY},a={KEY}", "the same key as"),
        (f"a:tokens={KEY}", "entry 1 scopes: should be 'token', 'ticket'"),
        (f"a:={KEY}", "scopes: must have at least one entry"),
        (f"={KEY}", "needs a name"),
        (f"a b={KEY}", "needs a name"),
        (f"a={KEY} {KEY}", "has a space"),
        (f"a={KEY}密钥", "outside ASCII"),
        ("a=<a key of at least 24 characters>", "placeholder"),
        ("a=your-key-of-24-characters-or-more", "placeholder"),
        ("a=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "placeholder"),
        ("a=", "is empty"),
    ],
)
def test_wrong_api_key_is_a_problem_that_does_not_say_it(keys: str, said: str) -> None:
    assert said in the_problem(OFFICIAL | {"WECHAT_API_KEYS": keys})


def test_bare_key_without_a_name_is_not_repeated() -> None:
    assert any(
        "entry 2 key: is missing" in problem
        for problem in problems(OFFICIAL | {"WECHAT_API_KEYS": f"a={KEY},{OTHER_KEY}"})
    )


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({**OFFICIAL, "WECHAT_DEMO_KEY": "5ecre7", "WECHAT_API_BASE": "http://[::1]:9100"}, "WECHAT_DEMO_KEY: the key"),
        ({**OFFICIAL, "WECHAT_API_KEYS": f"a={KEY}", "WECHAT_API_KEYS_FILE": "/etc/hostname"}, "WECHAT_API_KEYS_FILE"),
    ],
)  # fmt: skip
def test_wrong_key_setting_is_a_problem_that_names_it(environ: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in problems(environ))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SHOP + "[keys.a]\n", "[keys.a] key: is missing"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\nkey_file = "x"\n', "[keys.a] key_file: key is given too"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\nscope = ["token"]\n', "[keys.a] scope: is unknown; did you mean scopes?"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\nscopes = "token"\n', "[keys.a] scopes: must be a list"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\nscopes = []\n', "[keys.a] scopes: must have at least one entry"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\naccounts = []\n', "[keys.a] accounts: must have at least one entry"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\naccounts = ["b"]\n', "[keys.a] accounts: there is no account b"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\n[keys.b]\nkey = "{KEY}"\n', "[keys.b] key: the same key as [keys.a] key"),
    ],
)  # fmt: skip
def test_wrong_key_of_the_toml_file_is_a_problem_that_names_the_place(toml: Toml, content: str, said: str) -> None:
    assert said in the_problem(toml(content))


def test_accounts_that_a_key_may_name_are_told_once_each(toml: Toml) -> None:
    mini = f'[accounts.shop-mini]\nappid = "{MINI_APPID}"\nsecret = "{MINI_SECRET}"\nkind = "mini"\n'
    key = f'[keys.a]\nkey = "{KEY}"\naccounts = ["shopmini"]\n'
    assert the_problem(toml(SHOP + mini + key)).endswith("; right is, for example: shop, shop-mini")
