"""Accounts: which source wins, and what is wrong with one."""

import pytest
from app.config import load_settings
from app.js_domains import JsDomain

from tests.app.config.conftest import (
    APPID,
    MINI_APPID,
    MINI_SECRET,
    OFFICIAL,
    SECRET,
    SHOP,
    SHOP_APPID,
    SHOP_SECRET,
    Toml,
    problems,
    the_problem,
)


def test_toml_adds_accounts_after_those_of_the_environment(toml: Toml) -> None:
    environ = toml(
        '[accounts.a]\nappid = "wx00000000000000d4"\nsecret = "5ecre7dddd"\nkind = "mini"\n'
        + SHOP
        + 'js_domains = ["shop.example.com", "h5.example.com/shop"]\ntoken_mode = "classic"\n'
    )
    accounts = load_settings(OFFICIAL | environ).accounts
    assert [account.name for account in accounts] == ["default", "a", "shop"]
    shop = accounts.find(SHOP_APPID)
    assert (shop.secret, shop.kind, shop.token_mode) == (SHOP_SECRET, "official", "classic")
    assert shop.js_domains == (JsDomain("shop.example.com"), JsDomain("h5.example.com", path="/shop"))
    assert accounts.find("a").kind == "mini"


def test_token_mode_of_the_environment_is_that_of_tables_without_one(toml: Toml) -> None:
    other = '[accounts.a]\nappid = "wx00000000000000d4"\nsecret = "5ecre7dddd"\ntoken_mode = "stable"\n'
    accounts = load_settings(toml(SHOP + other) | {"WECHAT_TOKEN_MODE": "classic"}).accounts
    assert [account.token_mode for account in accounts] == ["classic", "stable"]


def test_environment_wins_over_the_table_of_the_same_account(toml: Toml) -> None:
    table = (
        f'[accounts.default]\nappid = "{APPID}"\nsecret_file = "/nowhere"\n'
        'token_mode = "classic"\njs_domains = ["h5.example.com"]\n'
    )
    account = load_settings(toml(SHOP + table) | {"WECHAT_SECRET": SECRET}).accounts.first()
    assert (account.name, account.appid, account.secret) == ("default", APPID, SECRET)
    assert (account.token_mode, account.js_domains) == ("classic", (JsDomain("h5.example.com"),))


def test_secret_of_a_table_is_not_used_for_another_appid_of_the_environment(toml: Toml) -> None:
    environ = toml(SHOP.replace("shop", "default")) | {"WECHAT_APPID": APPID}
    assert the_problem(environ).startswith("WECHAT_SECRET: is missing")


def test_same_appid_in_environment_and_toml_is_a_problem(toml: Toml) -> None:
    assert "account default has the same one" in the_problem(OFFICIAL | toml(SHOP.replace(SHOP_APPID, APPID)))


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "WECHAT_APPID: no account is configured"),
        ({"WECHAT_APPID": APPID}, "WECHAT_SECRET: is missing"),
        ({"WECHAT_SECRET": SECRET}, "WECHAT_APPID: is missing, because WECHAT_SECRET is set; right is"),
        ({"WECHAT_SECRET_FILE": "/x"}, "WECHAT_APPID: is missing, because WECHAT_SECRET_FILE is set; right is"),
        ({"WECHAT_PUSH_TOKEN": "a"}, "WECHAT_MINI_SECRET: is missing, because WECHAT_PUSH_TOKEN is set; right is"),
        ({"WECHAT_MINI_APPID": MINI_APPID}, "WECHAT_MINI_SECRET: is missing"),
        ({"WECHAT_MINI_SECRET": MINI_SECRET}, "WECHAT_MINI_APPID: is missing"),
        ({**OFFICIAL, "WECHAT_APPID": "wx00000000000000A1"}, "WECHAT_APPID: an AppID is wx and 16 hexadecimal digits"),
        ({**OFFICIAL, "WECHAT_APPID": "wx00000000000000a"}, "WECHAT_APPID: an AppID is"),
        ({**OFFICIAL, "WECHAT_APPID": "gh_0000000000000a1"}, "WECHAT_APPID: an AppID is"),
        ({**OFFICIAL, "WECHAT_APPID": "wx00000000000000a１"}, "WECHAT_APPID: an AppID is"),
        ({**OFFICIAL, "WECHAT_MINI_APPID": APPID, "WECHAT_MINI_SECRET": MINI_SECRET}, "WECHAT_MINI_APPID: account"),
        ({**OFFICIAL, "WECHAT_JS_DOMAINS": "https://h5.example.com"}, "WECHAT_JS_DOMAINS: 'https://"),
        ({**OFFICIAL, "WECHAT_JS_DOMAINS": "10.0.0.1"}, "WECHAT_JS_DOMAINS"),
        ({**OFFICIAL, "WECHAT_TOKEN_MODE": "old"}, "WECHAT_TOKEN_MODE: should be 'stable', 'classic' or 'central'"),
    ],
)  # fmt: skip
def test_wrong_account_of_the_environment_is_a_problem_that_names_it(environ: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in problems(environ))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (SHOP + 'secret_fiel = "x"\n', "[accounts.shop] secret_fiel: is unknown; did you mean secret_file?"),
        (SHOP + 'app_id = "x"\n', "[accounts.shop] app_id: is unknown; did you mean appid?"),
        (SHOP + 'kind = "service"\n', "[accounts.shop] kind: should be 'official' or 'mini'"),
        (SHOP + 'kind = "mini"\njs_domains = ["h5.example.com"]\n', "a mini program has no JS domains"),
        (SHOP + 'js_domains = "h5.example.com"\n', "[accounts.shop] js_domains: must be a list"),
        (SHOP + 'js_domains = ["http://h5.example.com"]\n', "leave the scheme out"),
        (SHOP + "js_domains = [1]\n", "[accounts.shop] js_domains: "),
        (SHOP + 'token_mode = "old"\n', "[accounts.shop] token_mode: should be 'stable', 'classic' or 'central'"),
        (SHOP.replace("accounts.shop", 'accounts."a b"'), "a name has 1 to 64"),
        (SHOP.replace("accounts.shop", f"accounts.{APPID}"), "is no appid"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\n', "[accounts.shop] secret: is missing"),
        (f'[accounts.shop]\nsecret = "{SHOP_SECRET}"\n', "[accounts.shop] appid: is missing"),
        (f'[accounts.shop]\nappid = ["{SHOP_APPID}"]\nsecret = "{SECRET}"\n', "appid: should be a valid string"),
        (SHOP + SHOP.replace("shop", "b"), "[accounts.b] appid: account shop has the same one"),
    ],
)  # fmt: skip
def test_wrong_account_of_the_toml_file_is_a_problem_that_names_the_place(toml: Toml, content: str, said: str) -> None:
    assert said in the_problem(toml(content))
