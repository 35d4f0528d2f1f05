"""Settings: what is read, what wins, what stops the start, and that nothing secret is said."""

import logging
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import fields
from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.config import Settings, check_workers, load_settings, settings_table
from app.exceptions import SettingsError
from app.js_domains import JsDomain
from app.keys import SCOPES
from app.timing import Timing

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


# What is read ---------------------------------------------------------------------------------------------------------


def test_one_official_account_is_all_that_is_needed() -> None:
    settings = load_settings(OFFICIAL)
    account = settings.accounts.first()
    assert (account.name, account.appid, account.secret, account.kind) == ("default", APPID, SECRET, "official")
    assert account.js_domains == ()
    assert account.token_mode == "stable"
    assert not settings.keys
    assert settings.timing == Timing()
    assert settings.api_base == ("https://api.weixin.qq.com",)
    assert settings.store_url == "sqlite:///instance/credentials.db"
    assert (settings.doors, settings.force, settings.proxy, settings.trusted_proxies) == (
        "all",
        "last-resort",
        None,
        (),
    )
    assert (settings.connect_timeout_seconds, settings.read_timeout_seconds) == (3, 5)
    assert (settings.workers, settings.threads, settings.max_image_bytes) == (2, 32, 10 * 1024 * 1024)
    assert settings.egress


def test_everything_that_is_set_is_read(tmp_path: Path) -> None:
    settings = load_settings(
        OFFICIAL
        | {
            "WECHAT_MINI_APPID": MINI_APPID,
            "WECHAT_MINI_SECRET": MINI_SECRET,
            "WECHAT_JS_DOMAINS": "h5.example.com, localhost:8000,",
            "WECHAT_TOKEN_MODE": "classic",
            "WECHAT_API_BASE": "http://127.0.0.1:9100/,https://api2.weixin.qq.com",
            "WECHAT_STORE_URL": "memory://",
            "WECHAT_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8, ::1",
            "WECHAT_DOORS": "public",
            "WECHAT_VERIFY_FILES": str(tmp_path),
            "WECHAT_CONNECT_TIMEOUT_SECONDS": "0.5",
            "WECHAT_READ_TIMEOUT_SECONDS": "1",
            "WECHAT_PROXY": "http://me:5ecre7@10.0.0.5:3128",
            "WECHAT_EGRESS": "nat-1",
            "WECHAT_FORCE": "never",
            "WECHAT_MAX_IMAGE_BYTES": "1000",
            "WECHAT_WORKERS": "1",
            "WECHAT_THREADS": "4",
            "WECHAT_LEASE_SECONDS": "2",
            "WECHAT_FETCH_DEADLINE_SECONDS": "1.5",
            "WECHAT_PAUSE_SECONDS": "0.1, 0.2",
        }
    )
    assert [(one.name, one.appid, one.kind, one.token_mode) for one in settings.accounts] == [
        ("default", APPID, "official", "classic"),
        ("mini", MINI_APPID, "mini", "classic"),
    ]
    assert settings.accounts.first().js_domains == (JsDomain("h5.example.com"), JsDomain("localhost", 8000))
    assert settings.api_base == ("http://127.0.0.1:9100", "https://api2.weixin.qq.com")
    assert settings.trusted_proxies == tuple(map(ip_network, ("127.0.0.1/32", "10.0.0.0/8", "::1/128")))
    assert (settings.store_url, settings.doors, settings.verify_files) == ("memory://", "public", tmp_path)
    assert (settings.connect_timeout_seconds, settings.read_timeout_seconds) == (0.5, 1)
    assert (settings.proxy, settings.egress, settings.force) == ("http://me:5ecre7@10.0.0.5:3128", "nat-1", "never")
    assert (settings.max_image_bytes, settings.workers, settings.threads) == (1000, 1, 4)
    assert settings.timing == Timing(lease_seconds=2, fetch_deadline_seconds=1.5, pause_seconds=(0.1, 0.2))


def test_nothing_but_the_given_mapping_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("WECHAT_DOORS=public\n")
    monkeypatch.setenv("WECHAT_FORCE", "never")
    monkeypatch.setenv("WECHAT_LEASE_SECONDS", "100")
    settings = load_settings(OFFICIAL)
    assert (settings.doors, settings.force, settings.timing) == ("all", "last-resort", Timing())


def test_names_count_in_upper_case_only_and_empty_values_not_at_all() -> None:
    settings = load_settings(OFFICIAL | {"wechat_doors": "public", "WECHAT_FORCE": "", "WECHAT_PROXY": " "})
    assert (settings.doors, settings.force, settings.proxy) == ("all", "last-resort", None)


def test_spaces_and_line_ends_around_a_value_are_cut() -> None:
    assert (
        load_settings({"WECHAT_APPID": f" {APPID}\r", "WECHAT_SECRET": f"{SECRET}\n"}).accounts.first().secret == SECRET
    )


@pytest.mark.parametrize("ending", [b"", b"\n", b"\r\n"])
def test_secret_comes_from_a_file_without_its_line_end(secret_file: Callable[[bytes], str], ending: bytes) -> None:
    path = secret_file(SECRET.encode() + ending)
    settings = load_settings({"WECHAT_APPID": APPID, "WECHAT_SECRET_FILE": path})
    assert settings.accounts.first().secret == SECRET


def test_secret_file_of_an_editor_that_writes_a_byte_order_mark_is_read(secret_file: Callable[[bytes], str]) -> None:
    path = secret_file(b"\xef\xbb\xbf" + MINI_SECRET.encode())
    settings = load_settings({"WECHAT_MINI_APPID": MINI_APPID, "WECHAT_MINI_SECRET_FILE": path})
    assert settings.accounts.first("mini").secret == MINI_SECRET


def test_settings_cannot_be_changed() -> None:
    settings = load_settings(OFFICIAL)
    with pytest.raises(ValueError, match="frozen"):
        settings.doors = "public"


def test_secrets_are_in_no_repr() -> None:
    settings = load_settings(
        OFFICIAL | {"WECHAT_API_KEYS": f"b={KEY}", "WECHAT_PROXY": "http://me:5ecre7@10.0.0.5:3128"}
    )
    assert "5ecre7" not in f"{settings!r} {settings} {list(settings.accounts)} {list(settings.keys)}"


# API keys -------------------------------------------------------------------------------------------------------------


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


# The TOML file --------------------------------------------------------------------------------------------------------


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


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[accounts.a", "WECHAT_CONFIG: no TOML: Expected ']' at the end of a table declaration (at"),
        (SHOP + "secret = 'twice'", "no TOML: Cannot overwrite a value (at end of document)"),
        (f"x = 1\nsecret = {SECRET}\n", "line 2"),
        ("\udcff", "not UTF-8"),
        (SHOP + "[account.b]\n", "[account]: is unknown; did you mean accounts?"),
        (SHOP + "[server]\nport = 1\n", "[server]: is unknown; known are accounts, keys"),
        ("accounts = 1\n", "[accounts]: must be a table"),
        ("[accounts]\nshop = 1\n", "[accounts]: must be a table"),
        (SHOP + 'secret_fiel = "x"\n', "[accounts.shop] secret_fiel: is unknown; did you mean secret_file?"),
        (SHOP + 'app_id = "x"\n', "[accounts.shop] app_id: is unknown; did you mean appid?"),
        (SHOP + 'secret_file = "x"\n', "[accounts.shop] secret_file: secret is given too"),
        (SHOP + 'kind = "service"\n', "[accounts.shop] kind: should be 'official' or 'mini'"),
        (SHOP + 'kind = "mini"\njs_domains = ["h5.example.com"]\n', "a mini program has no JS domains"),
        (SHOP + 'js_domains = "h5.example.com"\n', "[accounts.shop] js_domains: must be a list"),
        (SHOP + 'js_domains = ["http://h5.example.com"]\n', "leave the scheme out"),
        (SHOP + "js_domains = [1]\n", "[accounts.shop] js_domains: "),
        (SHOP + 'token_mode = "old"\n', "[accounts.shop] token_mode: should be 'stable' or 'classic'"),
        (SHOP.replace("accounts.shop", 'accounts."a b"'), "a name has 1 to 64"),
        (SHOP.replace("accounts.shop", f"accounts.{APPID}"), "is no appid"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\n', "[accounts.shop] secret: is missing"),
        (f'[accounts.shop]\nsecret = "{SHOP_SECRET}"\n', "[accounts.shop] appid: is missing"),
        (f'[accounts.shop]\nappid = ["{SHOP_APPID}"]\nsecret = "{SECRET}"\n', "appid: should be a valid string"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret = 1\n', "[accounts.shop] secret: must be a string"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret_file = 1\n', "must be the path of a file"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret_file = "a\\u0000b"\n', "no file can have this name"),
        (SHOP + SHOP.replace("shop", "b"), "[accounts.b] appid: account shop has the same one"),
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
def test_wrong_toml_is_a_problem_that_names_the_place(toml: Toml, content: str, said: str) -> None:
    assert said in the_problem(toml(content))


def test_same_appid_in_environment_and_toml_is_a_problem(toml: Toml) -> None:
    assert "account default has the same one" in the_problem(OFFICIAL | toml(SHOP.replace(SHOP_APPID, APPID)))


def test_missing_toml_file_is_a_problem(tmp_path: Path) -> None:
    assert the_problem({"WECHAT_CONFIG": str(tmp_path / "none.toml")}).startswith(
        "WECHAT_CONFIG: the file cannot be read"
    )


# What stops the start -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "WECHAT_APPID: no account is configured"),
        ({"WECHAT_APPID": APPID}, "WECHAT_SECRET: is missing"),
        ({"WECHAT_SECRET": SECRET}, "WECHAT_APPID: is missing"),
        ({"WECHAT_MINI_APPID": MINI_APPID}, "WECHAT_MINI_SECRET: is missing"),
        ({"WECHAT_MINI_SECRET": MINI_SECRET}, "WECHAT_MINI_APPID: is missing"),
        ({**OFFICIAL, "WECHAT_APPID": "wx00000000000000A1"}, "WECHAT_APPID: an AppID is wx and 16 hexadecimal digits"),
        ({**OFFICIAL, "WECHAT_APPID": "wx00000000000000a"}, "WECHAT_APPID: an AppID is"),
        ({**OFFICIAL, "WECHAT_APPID": "gh_0000000000000a1"}, "WECHAT_APPID: an AppID is"),
        ({**OFFICIAL, "WECHAT_APPID": "wx00000000000000a１"}, "WECHAT_APPID: an AppID is"),
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
        ({**OFFICIAL, "WECHAT_MINI_APPID": APPID, "WECHAT_MINI_SECRET": MINI_SECRET}, "WECHAT_MINI_APPID: account"),
        ({**OFFICIAL, "WECHAT_JS_DOMAINS": "https://h5.example.com"}, "WECHAT_JS_DOMAINS: 'https://"),
        ({**OFFICIAL, "WECHAT_JS_DOMAINS": "10.0.0.1"}, "WECHAT_JS_DOMAINS"),
        ({**OFFICIAL, "WECHAT_TOKEN_MODE": "old"}, "WECHAT_TOKEN_MODE: should be 'stable' or 'classic'"),
        ({**OFFICIAL, "WECHAT_API_BASE": "http://api.weixin.qq.com"}, "WECHAT_API_BASE: must be https"),
        ({**OFFICIAL, "WECHAT_API_BASE": "http://127.0.0.1.evil.org"}, "WECHAT_API_BASE: must be https"),
        ({**OFFICIAL, "WECHAT_API_BASE": "https://api.weixin.qq.com/cgi-bin"}, "WECHAT_API_BASE: must be scheme, host"),
        ({**OFFICIAL, "WECHAT_API_BASE": "https://api.weixin.qq.com?a=b"}, "WECHAT_API_BASE: must be scheme, host"),
        ({**OFFICIAL, "WECHAT_API_BASE": "https://api.weixin.qq.com#"}, "WECHAT_API_BASE: must be scheme, host"),
        ({**OFFICIAL, "WECHAT_API_BASE": "https://me:5ecre7@api.weixin.qq.com"}, "WECHAT_API_BASE: must be http:// or"),
        ({**OFFICIAL, "WECHAT_API_BASE": "api.weixin.qq.com"}, "WECHAT_API_BASE: must be http:// or"),
        ({**OFFICIAL, "WECHAT_API_BASE": ","}, "WECHAT_API_BASE: must have at least one entry"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "redis://:5ecre7@h/0"}, "WECHAT_STORE_URL: use sqlite:///path or memory://"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "rediss://h"}, "use sqlite:///path or memory://"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "sqlite://credentials.db"}, "use sqlite:///path or memory://"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "sqlite:///"}, "names no file"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "sqlite:///:memory:"}, "memory://"),
        ({**OFFICIAL, "WECHAT_TRUSTED_PROXIES": "*"}, "WECHAT_TRUSTED_PROXIES: must be IP addresses or networks"),
        ({**OFFICIAL, "WECHAT_TRUSTED_PROXIES": "10.0.0.1/8"}, "without host bits"),
        ({**OFFICIAL, "WECHAT_TRUSTED_PROXIES": "proxy.example.com"}, "must be IP addresses"),
        ({**OFFICIAL, "WECHAT_DOORS": "private"}, "WECHAT_DOORS: should be 'all', 'public' or 'internal'"),
        ({**OFFICIAL, "WECHAT_FORCE": "always"}, "WECHAT_FORCE: should be 'last-resort' or 'never'"),
        ({**OFFICIAL, "WECHAT_VERIFY_FILES": "/nowhere"}, "WECHAT_VERIFY_FILES: there is no such folder"),
        ({**OFFICIAL, "WECHAT_PROXY": "10.0.0.5:3128"}, "WECHAT_PROXY: must be http://"),
        ({**OFFICIAL, "WECHAT_PROXY": "socks5://me:5ecre7@10.0.0.5"}, "WECHAT_PROXY: must be http://"),
        ({**OFFICIAL, "WECHAT_PROXY": "http://me:5ecre7@10.0.0.5/path"}, "WECHAT_PROXY: must be scheme, host"),
        ({**OFFICIAL, "WECHAT_WORKERS": "0"}, "WECHAT_WORKERS: should be greater than 0"),
        ({**OFFICIAL, "WECHAT_WORKERS": "two"}, "WECHAT_WORKERS: should be a valid integer"),
        ({**OFFICIAL, "WECHAT_THREADS": "-1"}, "WECHAT_THREADS"),
        ({**OFFICIAL, "WECHAT_MAX_IMAGE_BYTES": "10 MB"}, "WECHAT_MAX_IMAGE_BYTES"),
        ({**OFFICIAL, "WECHAT_READ_TIMEOUT_SECONDS": "5s"}, "WECHAT_READ_TIMEOUT_SECONDS: should be a valid number"),
        ({**OFFICIAL, "WECHAT_CONNECT_TIMEOUT_SECONDS": "nan"}, "WECHAT_CONNECT_TIMEOUT_SECONDS"),
        ({**OFFICIAL, "WECHAT_LOCK_WAIT_SECONDS": "0"}, "WECHAT_LOCK_WAIT_SECONDS: should be greater than 0"),
        ({**OFFICIAL, "WECHAT_LOCK_WAIT_SECONDS": "inf"}, "WECHAT_LOCK_WAIT_SECONDS: should be a finite number"),
        ({**OFFICIAL, "WECHAT_PAUSE_SECONDS": "1,-2"}, "WECHAT_PAUSE_SECONDS: should be greater than 0"),
        ({**OFFICIAL, "WECHAT_RETRY_SECONDS": ","}, "WECHAT_RETRY_SECONDS: must have at least one entry"),
        ({**OFFICIAL, "WECHAT_LEASE_SECONDS": "10"}, "WECHAT_LEASE_SECONDS: the lease (10 s) must be longer"),
        ({**OFFICIAL, "WECHAT_FETCH_DEADLINE_SECONDS": "20"}, "WECHAT_LEASE_SECONDS: the lease (15 s) must be longer"),
        ({**OFFICIAL, "WECHAT_DEMO_KEY": "5ecre7", "WECHAT_API_BASE": "http://[::1]:9100"}, "WECHAT_DEMO_KEY: the key"),
        ({**OFFICIAL, "WECHAT_API_KEYS": f"a={KEY}", "WECHAT_API_KEYS_FILE": "/etc/hostname"}, "WECHAT_API_KEYS_FILE"),
    ],
)  # fmt: skip
def test_wrong_setting_is_a_problem_that_names_it(environ: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in problems(environ))


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


def test_all_problems_are_told_at_once_each_with_an_example(toml: Toml) -> None:
    found = problems(
        toml(f'[accounts.shop]\nappid = "shop"\n[keys.a]\nkey = "{KEY}"\naccounts = ["shop", "mini", "who"]\n')
        | {
            "WECHAT_APPID": APPID,
            "WECHAT_SECRET": "changeme",
            "WECHAT_MINI_SECRET": MINI_SECRET,
            "WECHAT_JS_DOMAINS": "http://h5.example.com,*",
            "WECHAT_API_KEYS": "b=5ecre7",
            "WECHAT_WORKERS": "many",
            "WECHAT_LEASE_SECONDS": "1",
        }
    )
    assert [problem.split(":")[0] for problem in found] == [
        "WECHAT_SECRET",
        "WECHAT_JS_DOMAINS",
        "WECHAT_JS_DOMAINS",
        "WECHAT_MINI_APPID",
        "[accounts.shop] appid",
        "[accounts.shop] secret",
        "WECHAT_API_KEYS entry 1 key",
        "[keys.a] accounts",
        "WECHAT_LEASE_SECONDS",
        "WECHAT_WORKERS",
    ]
    assert "WECHAT_MINI_APPID: is missing; right is, for example: wx0123456789abcdef" in found


@given(
    st.dictionaries(
        st.sampled_from([name for name, _, _ in settings_table()]),
        st.text(st.characters(exclude_characters="\0"), max_size=30),
    )
)
def test_any_text_in_any_setting_is_read_or_a_problem(environ: dict[str, str]) -> None:
    with suppress(SettingsError):  # any other exception fails
        assert isinstance(load_settings(OFFICIAL | environ), Settings)


def test_unknown_name_of_the_environment_is_a_warning_with_the_nearest_right_one(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        load_settings(OFFICIAL | {"WECHAT_JSDOMAINS": "5ecre7", "WECHATY_TOKEN": "5ecre7", "PATH": "/bin"})
    assert [record.getMessage() for record in caplog.records] == [
        "WECHAT_JSDOMAINS is no setting of this server; did you mean WECHAT_JS_DOMAINS?"
    ]


# The rest -------------------------------------------------------------------------------------------------------------


def test_memory_store_with_several_workers_is_refused_and_says_why() -> None:
    settings = load_settings(OFFICIAL | {"WECHAT_STORE_URL": "memory://"})
    check_workers(settings, 1)
    with pytest.raises(SettingsError, match=r"(?s)WECHAT_STORE_URL.*2 workers.*tokens of its own"):
        check_workers(settings, 2)


def test_other_stores_take_any_number_of_workers() -> None:
    check_workers(load_settings(OFFICIAL), 64)


def test_table_has_every_setting_with_default_and_meaning() -> None:
    table = {name: (default, meaning) for name, default, meaning in settings_table()}
    assert len(table) == len(settings_table())
    assert all(meaning for _, meaning in table.values())
    for name in ("APPID", "SECRET", "SECRET_FILE", "MINI_SECRET_FILE", "API_KEYS", "API_KEYS_FILE", "CONFIG"):
        assert table[f"WECHAT_{name}"][0] == "-"
    assert table["WECHAT_TOKEN_MODE"][0] == "stable"
    assert table["WECHAT_EGRESS"][0] == "host name"
    assert table["WECHAT_HOLD_QUOTA_SECONDS"][0] == "60,300,900,3600"
    assert table["WECHAT_REPEAT_SECONDS"][0] == "0.3"
    assert {f"WECHAT_{field.name.upper()}" for field in fields(Timing)} <= table.keys()


def test_every_default_of_the_table_is_itself_a_right_setting() -> None:
    given_defaults = {name: default for name, default, _ in settings_table() if default not in ("-", "host name")}
    assert list(load_settings(OFFICIAL | given_defaults)) == list(load_settings(OFFICIAL))


@pytest.mark.parametrize("lease", [10.0, 9.9])
def test_lease_that_ends_before_the_fetch_may_is_refused(lease: float) -> None:
    with pytest.raises(ValueError, match="longer than the fetch deadline"):
        Timing(lease_seconds=lease, fetch_deadline_seconds=10.0)
