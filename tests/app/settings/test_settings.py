"""Settings: sources, precedence, and the problems of wrong ones."""

import logging
import re
import subprocess
import traceback
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path

import hypothesis
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.accounts import GROUPS, SCOPES, JsDomain, PushSettings
from app.errors import SettingsError
from app.ops.startup import check_workers
from app.settings import SECRETS, Settings, Timing, load_settings, settings_table
from app.settings.tables import split_keys

APPID, MINI_APPID, SHOP_APPID = "wx00000000000000a1", "wx00000000000000b2", "wx00000000000000c3"
SECRET, MINI_SECRET, SHOP_SECRET = "5ecre7" + "a" * 26, "5ecre7" + "b" * 26, "5ecre7" + "c" * 26
KEY, OTHER_KEY = "5ecre7-key-of-the-backend", "5ecre7-key-of-another-one"
SIGNING_KEYS = "5ecre7" * 6 + "," + "7erce5" * 6
STORE_KEY = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU="
AES_KEY, OLD_AES_KEY = "5ecre7" + "k" * 37, "5ecre7" + "o" * 37
OFFICIAL = {"WECHAT_APPID": APPID, "WECHAT_SECRET": SECRET}
MINI = {"WECHAT_MINI_APPID": MINI_APPID, "WECHAT_MINI_SECRET": MINI_SECRET}
WEB = {"WECHAT_WEB_APPID": "wx00000000000000d4", "WECHAT_WEB_SECRET": "d" * 32}
MOCK = OFFICIAL | {"WECHAT_MOCK": "allow", "WECHAT_API_BASE": "http://mock:9100"}
PUSH = {"WECHAT_PUSH_TOKEN": "5ecre7token"}
SHOP = f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret = "{SHOP_SECRET}"\n'

Write = Callable[..., str]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a file, return its path."""

    def write_file(content: str, name: str = "file") -> str:
        path = tmp_path / name
        path.write_bytes(content.encode("utf-8", "surrogateescape"))
        return str(path)

    return write_file


@pytest.fixture
def toml(write: Write) -> Callable[[str], dict[str, str]]:
    """Return the environment that names a TOML file of this content."""
    return lambda content: {"WECHAT_CONFIG": write(content, "wechat.toml")}


Toml = Callable[[str], dict[str, str]]


def problems(environ: Mapping[str, str]) -> tuple[str, ...]:
    """Return what is wrong; neither error nor chain may show what was set."""
    with pytest.raises(SettingsError) as caught:
        load_settings(environ)
    assert "5ecre7" not in "".join(traceback.format_exception(caught.value))
    assert caught.value.__context__ is None
    return caught.value.problems


# -- sources


def test_one_official_account_is_all_that_is_needed() -> None:
    settings = load_settings(OFFICIAL)
    account = settings.accounts.first()
    assert (account.name, account.appid, account.secret, account.kind) == ("default", APPID, SECRET, "official")
    assert (account.js_domains, account.token_mode, account.secret_file) == ((), "stable", None)
    assert (settings.workers, settings.threads, settings.listener, settings.timing) == (2, 48, "all", Timing())
    assert not settings.keys
    assert settings.egress


def test_environment_is_read_with_spaces_cut_and_empty_values_left_out() -> None:
    environ = MINI | PUSH | {f"{name}": f" {value}\r\n" for name, value in OFFICIAL.items()}
    settings = load_settings(
        environ
        | {
            "WECHAT_JS_DOMAINS": "h5.example.com, localhost:8000,",
            "WECHAT_PUSH_AES_KEY": f"{AES_KEY},{OLD_AES_KEY}",
            "WECHAT_API_BASE": "http://127.0.0.1:9100/,https://api2.weixin.qq.com",
            "WECHAT_TRUSTED_PROXIES": "127.0.0.1, 10.0.0.0/8, ::1",
            "WECHAT_STORE_KEY": f"{STORE_KEY}, {STORE_KEY}",
            "WECHAT_TIMING__EXPIRED_COOLDOWN_SECONDS": "0.1, 0.2",
            "WECHAT_THREADS": "4",
            "WECHAT_PROXY": " ",
            "wechat_listener": "public",
        }
    )
    default, mini = settings.accounts
    assert default.secret == SECRET
    assert default.js_domains == (JsDomain("h5.example.com"), JsDomain("localhost", 8000))
    assert (mini.name, mini.kind, mini.push) == ("mini", "mini", PushSettings("5ecre7token", (AES_KEY, OLD_AES_KEY)))
    assert settings.api_base == ("http://127.0.0.1:9100", "https://api2.weixin.qq.com")
    assert settings.trusted_proxies == tuple(map(ip_network, ("127.0.0.1/32", "10.0.0.0/8", "::1/128")))
    assert settings.store_key == (STORE_KEY, STORE_KEY)
    assert (settings.timing, settings.threads) == (Timing(expired_cooldown_seconds=(0.1, 0.2)), 4)
    assert (settings.proxy, settings.listener) == (None, "all")


def test_web_site_from_the_environment_has_login_origins_of_its_own() -> None:
    given = {
        "WECHAT_LOGIN_ORIGINS": "https://h5.example.com",
        "WECHAT_WEB_LOGIN_ORIGINS": "https://SHOP.example.com:443",
    }
    default, web = load_settings(OFFICIAL | WEB | given).accounts
    assert (web.name, web.kind, web.appid) == ("web", "web", WEB["WECHAT_WEB_APPID"])
    assert default.login_origins == {"https://h5.example.com"}
    assert web.login_origins == {"https://shop.example.com"}


def test_only_the_given_mapping_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("WECHAT_LISTENER=public\n")
    monkeypatch.setenv("WECHAT_LISTENER", "public")
    monkeypatch.setenv("WECHAT_TIMING__LEASE_SECONDS", "100")
    assert load_settings(OFFICIAL) == load_settings(OFFICIAL | {"WECHAT_TIMING__LEASE_SECONDS": "15"})


def test_toml_may_hold_every_setting_and_the_environment_wins(toml: Toml) -> None:
    content = (
        f'secret = "{SECRET}"\nthreads = 8\nworkers = 3\ntrusted_proxies = ["127.0.0.1"]\n'
        "[timing]\nlease_seconds = 20\nexpired_cooldown_seconds = [1, 2]\n"
        f'[accounts.default]\nappid = "{APPID}"\n{SHOP}'
        'kind = "mini"\ntoken_mode = "classic"\n'
    )
    environ = {"WECHAT_WORKERS": "1", "WECHAT_TIMING__LEASE_SECONDS": "30", "WECHAT_TOKEN_MODE": "stable"}
    settings = load_settings(toml(content) | environ)
    assert (settings.threads, settings.workers, str(settings.trusted_proxies[0])) == (8, 1, "127.0.0.1/32")
    assert settings.timing == Timing(lease_seconds=30, expired_cooldown_seconds=(1, 2))
    assert [(one.name, one.secret, one.kind, one.token_mode) for one in settings.accounts] == [
        ("default", SECRET, "official", "stable"),
        ("shop", SHOP_SECRET, "mini", "classic"),
    ]


def test_environment_wins_over_the_table_of_its_account(toml: Toml, write: Write) -> None:
    table = f'[accounts.default]\nappid = "{SHOP_APPID}"\nsecret_file = "{write(SHOP_SECRET)}"\nkind = "official"\n'
    account = load_settings(toml(table + 'js_domains = ["h5.example.com"]\n') | OFFICIAL).accounts.first()
    assert (account.appid, account.secret, account.secret_file) == (APPID, SECRET, None)
    assert account.js_domains == (JsDomain("h5.example.com"),)


def test_sandbox_takes_private_addresses_and_ports_and_warns(toml: Toml, caplog: pytest.LogCaptureFixture) -> None:
    for environ in (
        OFFICIAL | {"WECHAT_SANDBOX": "true", "WECHAT_JS_DOMAINS": "192.168.1.5:8080"},
        toml(SHOP + 'sandbox = true\njs_domains = ["192.168.1.5:8080"]\n'),
    ):
        caplog.clear()
        assert load_settings(environ).accounts.first().js_domains == (JsDomain("192.168.1.5", 8080),)
        assert "sandbox" in caplog.text
    assert "loopback" in problems(OFFICIAL | {"WECHAT_JS_DOMAINS": "192.168.1.5:8080"})[0]


# -- API keys


def test_keys_have_scopes_and_accounts_and_may_share_a_name(toml: Toml, write: Write) -> None:
    content = (
        f'{SHOP}[[keys.a]]\nkey = "{KEY}"\nscopes = ["token", "ops"]\naccounts = ["{SHOP_APPID}"]\n'
        f'[[keys.a]]\nkey_file = "{write(OTHER_KEY)}"\n'
    )
    first, second = load_settings(toml(content)).keys
    assert (first.name, first.scopes, first.accounts) == ("a", frozenset({"token", "ops"}), frozenset({"shop"}))
    assert (second.name, second.scopes, second.accounts) == ("a", frozenset({"moderation"}), None)
    keys = load_settings(OFFICIAL | {"WECHAT_API_KEYS": f"b:token+ticket={KEY},b={OTHER_KEY}"}).keys
    assert [(key.name, key.scopes) for key in keys] == [
        ("b", frozenset({"token", "ticket"})),
        ("b", frozenset({"moderation"})),
    ]


def test_keys_for_the_gateway_are_restricted_in_their_tables(toml: Toml) -> None:
    content = (
        f'secret_key = "{SIGNING_KEYS}"\n[keys.a]\nkey = "{KEY}"\nscopes = ["gateway", "sns"]\n'
        'paths = ["/wxa/*", "/cgi-bin/menu/create"]\ngroups = ["manage"]\nmin_expires_in = 1800\n'
    )
    settings = load_settings(toml(content + SHOP))
    (key,) = settings.keys
    assert (key.paths, key.groups, key.min_expires_in) == (("/wxa/*", "/cgi-bin/menu/create"), frozenset(GROUPS), 1800)
    assert settings.secret_key == tuple(SIGNING_KEYS.split(","))
    (other,) = load_settings(OFFICIAL | {"WECHAT_API_KEYS": f"b:sns={KEY}"}).keys
    assert (other.paths, other.groups, other.min_expires_in) == (None, frozenset(), 0)


def test_key_of_the_environment_replaces_that_of_the_same_name(toml: Toml) -> None:
    environ = toml(f'[keys.a]\nkey = "{OTHER_KEY}"\n') | {"WECHAT_API_KEYS": f"a={KEY}"}
    keys = load_settings(OFFICIAL | environ).keys
    assert keys.find(KEY.encode())
    assert not keys.find(OTHER_KEY.encode())


def test_mock_by_name_needs_the_setting_and_is_shown() -> None:
    settings = load_settings(MOCK)
    assert (settings.api_base, settings.mock_url) == (("http://mock:9100",), "http://mock:9100")
    assert load_settings(OFFICIAL).mock_url is None
    (problem,) = problems(OFFICIAL | {"WECHAT_MOCK": "allow"})
    assert problem.endswith("; right is, for example: http://mock:9100")


def test_demo_key_has_every_scope_and_is_for_a_mock_only() -> None:
    mock = OFFICIAL | {"WECHAT_API_BASE": "http://127.0.0.1:9100,http://localhost:9101", "WECHAT_DEMO_KEY": KEY}
    mock |= {"WECHAT_SECRET_KEY": SIGNING_KEYS}
    key = load_settings(mock).keys.find(KEY.encode())
    assert key
    assert (key.name, key.scopes, key.groups) == ("demo", frozenset(SCOPES), frozenset(GROUPS))
    (problem,) = problems(mock | {"WECHAT_API_BASE": "http://127.0.0.1:9100,https://api.weixin.qq.com"})
    assert problem.startswith("WECHAT_DEMO_KEY: ")


@pytest.mark.parametrize(
    ("text", "entries"),
    [
        ("", []),
        ("b:token+ticket=K", [{"name": "b", "key": "K", "scopes": "token,ticket"}]),
        ("b:=K==", [{"name": "b", "key": "K==", "scopes": ""}]),
        ("b=K:token", [{"name": "b", "key": "K:token"}]),
        (" b : token = K , c=L,", [{"name": "b", "key": "K", "scopes": " token "}, {"name": "c", "key": "L"}]),
        ("c=L\nd=M\n", [{"name": "c", "key": "L"}, {"name": "d", "key": "M"}]),
        ("barekey", [{}]),
    ],
)  # fmt: skip
def test_entries_are_name_scopes_and_key(text: str, entries: list[dict[str, str]]) -> None:
    assert split_keys(text) == entries


# -- secrets in files


@pytest.mark.parametrize("name", SECRETS)
def test_each_secret_may_stand_in_a_file(name: str, write: Write) -> None:
    right = {
        "push_aes_key": AES_KEY,
        "api_keys": f"a={KEY}\nb={OTHER_KEY}",
        "store_key": STORE_KEY,
        "store_url": "redis://:5ecre7-pass%40word@10.0.0.5:6379/0",
        "proxy": "http://me:5ecre7-pass@10.0.0.5:3128",
    }.get(name, "5ecre7" * 8)
    setting = f"WECHAT_{name.upper()}"
    environ = OFFICIAL | MINI | WEB | PUSH
    environ.pop(setting, None)
    settings = load_settings(environ | {f"{setting}_FILE": write(f"\ufeff{right}\r\n")})
    assert settings == load_settings(environ | {setting: right}) or name in ("secret", "mini_secret", "web_secret")
    secrets = {"api_keys": {KEY, OTHER_KEY}, "store_url": {"5ecre7-pass@word"}, "proxy": {"5ecre7-pass"}}
    assert secrets.get(name, {right}) <= settings.confidential
    assert "5ecre7" not in f"{settings!r} {settings.accounts} {settings.keys}"


def test_passwords_of_redis_and_of_its_sentinels_are_confidential() -> None:
    url = "rediss+sentinel://shop:5ecre7-a%2Fb@10.0.0.1:26379,[::1],h3/main/2?sentinel_password=5ecre7-c%40d"
    settings = load_settings(OFFICIAL | {"WECHAT_STORE_URL": url})
    assert settings.store_url == url
    assert {"5ecre7-a%2Fb", "5ecre7-a/b", "5ecre7-c%40d", "5ecre7-c@d"} <= settings.confidential


def test_path_of_a_secret_file_is_known_so_that_it_can_be_read_again(write: Write) -> None:
    path = write(SECRET)
    account = load_settings({"WECHAT_APPID": APPID, "WECHAT_SECRET_FILE": path}).accounts.first()
    assert (account.secret, account.secret_file) == (SECRET, path)


@pytest.mark.parametrize(
    ("content", "said"),
    [("", "is empty"), ("5ecre7\udcff", "not UTF-8"), ("5ecre7\n5ecre7\n", "a line end"), ("changeme", "placeholder")],
)
def test_unusable_secret_file_is_a_problem(write: Write, content: str, said: str) -> None:
    (problem,) = problems({"WECHAT_APPID": APPID, "WECHAT_SECRET_FILE": write(content)})
    assert problem.startswith("WECHAT_SECRET: ")
    assert said in problem


def test_path_that_is_a_misplaced_secret_is_not_shown() -> None:
    (problem,) = problems({"WECHAT_APPID": APPID, "WECHAT_SECRET_FILE": SECRET})
    assert problem.startswith("WECHAT_SECRET: secret_file: the file cannot be read (No such file or directory)")


# -- wrong settings


def test_all_problems_are_reported_at_once_with_name_and_example(toml: Toml) -> None:
    content = (
        f'[accounts.shop]\nappid = "shop"\n[keys.a]\nkey = "{KEY}"\nscopes = ["all"]\n[timing]\nlease_seconds = 1\n'
    )
    found = problems(
        toml(content)
        | {
            "WECHAT_APPID": APPID,
            "WECHAT_SECRET": "changeme",
            "WECHAT_MINI_SECRET": MINI_SECRET,
            "WECHAT_JS_DOMAINS": "http://h5.example.com,*",
            "WECHAT_API_KEYS": "b=5ecre7",
            "WECHAT_WORKERS": "many",
            "WECHAT_STORE_KEY_FILE": "/nowhere",
        }
    )
    assert {problem.split(":")[0] for problem in found} == {
        "WECHAT_SECRET",
        "WECHAT_JS_DOMAINS",
        "WECHAT_MINI_APPID",
        "[accounts.shop] appid",
        "[accounts.shop] secret",
        "WECHAT_API_KEYS entry 1 key",
        "[keys.a] scopes",
        "WECHAT_TIMING__LEASE_SECONDS",
        "WECHAT_WORKERS",
        "WECHAT_STORE_KEY",
    }
    assert all("; right is, for example: " in problem for problem in found)


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({}, "WECHAT_APPID: no account is configured"),
        ({"WECHAT_APPID": APPID}, "WECHAT_SECRET: is missing"),
        ({"WECHAT_SECRET": SECRET}, "WECHAT_APPID: is missing"),
        (OFFICIAL | {"WECHAT_SECRET_FILE": "/x"}, "WECHAT_SECRET: secret_file is set too: keep one"),
        (OFFICIAL | {"WECHAT_SECRET": "5ecre7 5ecre7"}, "WECHAT_SECRET: has a space"),
        (OFFICIAL | {"WECHAT_APPID": "wx00000000000000A1"}, "WECHAT_APPID: should match pattern"),
        (OFFICIAL | MINI | {"WECHAT_MINI_APPID": APPID}, "[accounts.mini] appid: account default has the same one"),
        (OFFICIAL | {"WECHAT_JS_DOMAINS": "a.example.com,https://5ecre7"}, "WECHAT_JS_DOMAINS: entry 2 leave"),
        (OFFICIAL | {"WECHAT_TOKEN_MODE": "old"}, "WECHAT_TOKEN_MODE: should be 'stable' or 'classic'"),
        (MINI | PUSH | {"WECHAT_PUSH_AES_KEY": AES_KEY[1:]}, "WECHAT_PUSH_AES_KEY: should match pattern"),
        (MINI | {"WECHAT_PUSH_AES_KEY": AES_KEY}, "WECHAT_PUSH_AES_KEY: is of no use without a push token"),
        (MINI | PUSH | {"WECHAT_PUSH_FORWARD_URL": "ftp://h/"}, "WECHAT_PUSH_FORWARD_URL: must be http://"),
        (OFFICIAL | {"WECHAT_API_KEYS": "a=5ecre7-too-short"}, "entry 1 key: should have at least 24 characters"),
        (OFFICIAL | {"WECHAT_API_KEYS": f"a={KEY},b={KEY}"}, "entry 2 key: the same key as WECHAT_API_KEYS entry 1"),
        (OFFICIAL | {"WECHAT_API_KEYS": f"a:tokens={KEY}"}, "entry 1 scopes: should be 'token', 'ticket'"),
        (OFFICIAL | {"WECHAT_API_KEYS": f"a:={KEY}"}, "WECHAT_API_KEYS entry 1 scopes: must have at least one entry"),
        (OFFICIAL | {"WECHAT_API_KEYS": f"a b={KEY}"}, "WECHAT_API_KEYS entry 1 name: should match pattern"),
        (OFFICIAL | {"WECHAT_API_KEYS": OTHER_KEY}, "WECHAT_API_KEYS entry 1 key: is missing"),
        (OFFICIAL | {"WECHAT_API_BASE": "http://127.0.0.1.evil.org"}, "WECHAT_API_BASE: must be https"),
        (OFFICIAL | {"WECHAT_API_BASE": "http://mock:9100"}, "WECHAT_API_BASE: must be https"),
        (OFFICIAL | {"WECHAT_MOCK": "allow"}, "WECHAT_API_BASE: is WeChat itself"),
        (MOCK | {"WECHAT_API_BASE": "http://mock:9100,https://hk.api.weixin.qq.com."}, "WECHAT_API_BASE: is WeChat it"),
        (MOCK | {"WECHAT_API_BASE": "http://mock:9100/cgi-bin"}, "WECHAT_API_BASE: must be scheme, host"),
        (MOCK | {"WECHAT_PUBLIC_URL": "http://me:8000"}, "WECHAT_PUBLIC_URL: must be https"),
        (OFFICIAL | {"WECHAT_API_BASE": "https://api.weixin.qq.com/cgi-bin"}, "WECHAT_API_BASE: must be scheme, host"),
        (OFFICIAL | {"WECHAT_API_BASE": "https://me:5ecre7@h.com"}, "WECHAT_API_BASE: must be http:// or"),
        (OFFICIAL | {"WECHAT_API_BASE": ","}, "WECHAT_API_BASE: must have at least one entry"),
        (OFFICIAL | {"WECHAT_STORE_URL": "redis://:5ecre7@h:many/0"}, "WECHAT_STORE_URL: use sqlite:///path"),
        (OFFICIAL | {"WECHAT_STORE_URL": "redis://:5ecre7/a@h/0"}, "@ # as %2F %40 %23 in a password"),
        (OFFICIAL | {"WECHAT_STORE_URL": "redis://a:6379,b:6379/0"}, "WECHAT_STORE_URL: use sqlite:///path"),
        (OFFICIAL | {"WECHAT_STORE_URL": "redis+sentinel://:5ecre7@a,b"}, "WECHAT_STORE_URL: name sentinels"),
        (OFFICIAL | {"WECHAT_STORE_URL": "rediss+sentinel://a,b:x/main/0"}, "WECHAT_STORE_URL: name sentinels"),
        (OFFICIAL | {"WECHAT_STORE_URL": "sqlite:///:memory:"}, "WECHAT_STORE_URL: use sqlite:///path"),
        (OFFICIAL | {"WECHAT_STORE_KEY": f"{STORE_KEY},5ecre7"}, "WECHAT_STORE_KEY: should match pattern"),
        (OFFICIAL | {"WECHAT_SECRET_KEY": "5ecre7" * 5}, "WECHAT_SECRET_KEY: should have at least 32 characters"),
        (OFFICIAL | {"WECHAT_SECRET_KEY": f"{SIGNING_KEYS},5ecre7"}, "WECHAT_SECRET_KEY: should have at least 32"),
        (
            OFFICIAL | {"WECHAT_API_KEYS": f"a={OTHER_KEY},b:gateway={KEY}"},
            "WECHAT_SECRET_KEY: is missing, and WECHAT_API_KEYS entry 2 has the scope gateway; right is, for example: ",
        ),
        (OFFICIAL | {"WECHAT_PUBLIC_URL": "http://wx.example.com"}, "WECHAT_PUBLIC_URL: must be https"),
        (OFFICIAL | {"WECHAT_TRUSTED_PROXIES": "*"}, "WECHAT_TRUSTED_PROXIES: must be IP addresses or networks"),
        (OFFICIAL | {"WECHAT_TRUSTED_PROXIES": "0.0.0.0/0"}, "WECHAT_TRUSTED_PROXIES: would trust every caller"),
        (OFFICIAL | {"WECHAT_VERIFY_FILES": "/nowhere"}, "WECHAT_VERIFY_FILES: there is no such folder"),
        (OFFICIAL | {"WECHAT_PROXY": "socks5://me:5ecre7@10.0.0.5"}, "WECHAT_PROXY: must be http://"),
        (OFFICIAL | {"WECHAT_READ_TIMEOUT_SECONDS": "inf"}, "WECHAT_READ_TIMEOUT_SECONDS: should be a finite number"),
        (OFFICIAL | {"WECHAT_TIMING__STALE_COOLDOWN_SECONDS": "1,-2"}, "COOLDOWN_SECONDS: should be greater than 0"),
        (OFFICIAL | {"WECHAT_TIMING__FETCH_DEADLINE_SECONDS": "20"}, "WECHAT_TIMING__LEASE_SECONDS: must be longer"),
    ],
)  # fmt: skip
def test_wrong_setting_is_a_problem_that_names_it(environ: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in problems(environ))


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[accounts.a", "WECHAT_CONFIG: no TOML: Expected ']' at the end of a table declaration (at"),
        ("\udcff", "WECHAT_CONFIG: the file is not UTF-8"),
        ("threds = 1\n" + SHOP, "WECHAT_CONFIG, threds: is unknown; did you mean threads?"),
        ("accounts = 1\n", "WECHAT_CONFIG, [accounts]: must be a table"),
        (SHOP + "[keys]\na = 1\n", "[keys.a]: must be a table"),
        (SHOP + 'secret_fiel = "x"\n', "[accounts.shop] secret_fiel: is unknown; did you mean secret_file?"),
        (SHOP + 'kind = "mini"\njs_domains = ["h5.example.com"]\n', "a mini program has no JS domains"),
        (SHOP + "js_domains = [1]\n", "[accounts.shop] js_domains: entry 1"),
        (SHOP.replace("accounts.shop", 'accounts."a b"'), "[accounts.a b]: should match pattern"),
        (f'[accounts.shop]\nappid = ["{SECRET}"]\nsecret = "{SECRET}"\n', "appid: should be a valid string"),
        (f'[accounts.shop]\nappid = "{SHOP_APPID}"\nsecret_file = 1\n', "secret_file must be the path of a file"),
        (SHOP + SHOP.replace("shop", "b"), "[accounts.b] appid: account shop has the same one"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\naccounts = ["b"]\n', "[keys.a] accounts: not all of them exist; right is"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\npaths = ["wxa/*"]\n', "[keys.a] paths: should match pattern"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\npaths = ["/wxa/*/x"]\n', "example: /wxa/*"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\npaths = []\n', "[keys.a] paths: must have at least one entry"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\ngroups = ["ops"]\n', "[keys.a] groups: should be 'manage'"),
        (SHOP + f'[keys.a]\nkey = "{KEY}"\nmin_expires_in = 7201\n', "min_expires_in: should be less than or equal"),
        (SHOP + f'[[keys.a]]\nkey = "{KEY}"\n[[keys.a]]\nkey = "{KEY}"\n', "[[keys.a]] 2 key: the same key as"),
    ],
)  # fmt: skip
def test_wrong_toml_is_a_problem_that_names_the_place(toml: Toml, content: str, said: str) -> None:
    assert any(said in problem for problem in problems(toml(content)))


@hypothesis.settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from([name for name, _, _ in settings_table()]),
        st.text(st.characters(exclude_characters="\0"), max_size=30).map(lambda text: f"{text}5ecre7"),
    )
)
def test_any_text_is_read_or_a_problem_that_does_not_show_it(environ: dict[str, str]) -> None:
    try:
        assert isinstance(load_settings(OFFICIAL | environ), Settings)
    except SettingsError as error:
        assert "5ecre7" not in str(error)  # noqa: PT017 -- one of the two outcomes


def test_unknown_name_is_warned_of_with_the_nearest_right_one(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        load_settings(OFFICIAL | {"WECHAT_JSDOMAINS": "5ecre7", "WECHATY_TOKEN": "5ecre7", "PATH": "/bin"})
    (record,) = caplog.records
    assert record.getMessage() == "unknown setting WECHAT_JSDOMAINS; did you mean WECHAT_JS_DOMAINS?"


def examples_in_problems(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the example that each problem gives, by the name of the setting."""
    matches = (re.fullmatch(r"(WECHAT_\w+):.*; right is, for example: (.*)", line) for line in problems(environ))
    return {match[1]: match[2] for match in matches if match}


def test_examples_in_the_problems_are_themselves_right() -> None:
    """As a shell would set them: some are commands that make a secret."""
    nonsense = {name: "\x00" for name, _, _ in settings_table()} | {"WECHAT_STORE_PREFIX": "x" * 101}
    nonsense |= {"WECHAT_EGRESS": "x" * 256, "WECHAT_API_KEYS": "\x00=\x00"}
    examples = examples_in_problems(nonsense)
    assert len(examples) > 40
    environ = {
        name: subprocess.run(["bash", "-c", f'echo "{example}"'], check=True, capture_output=True, text=True).stdout
        for name, example in examples.items()
        if name not in ("WECHAT_MINI_APPID", "WECHAT_WEB_APPID")  # that of the other account
    }
    settings = load_settings(MINI | WEB | environ)
    assert settings.accounts.first().appid == examples["WECHAT_APPID"]


# -- the table, and the last checks


def test_table_has_every_default_and_each_is_right() -> None:
    table = {name: default for name, default, _ in settings_table()}
    assert (table["WECHAT_EGRESS"], table["WECHAT_SECRET"]) == ("host name", "-")
    assert table["WECHAT_TIMING__STALE_COOLDOWN_SECONDS"] == "5,15,60"
    defaults = {name: default for name, default in table.items() if default not in ("-", "host name")}
    assert load_settings(OFFICIAL | defaults) == load_settings(OFFICIAL)
    assert all(meaning for _, _, meaning in settings_table())


def test_memory_store_is_for_one_worker() -> None:
    settings = load_settings(OFFICIAL | {"WECHAT_STORE_URL": "memory://"})
    check_workers(settings, 1)
    with pytest.raises(SettingsError, match=r"WECHAT_STORE_URL.*2 workers"):
        check_workers(settings, 2)
    check_workers(load_settings(OFFICIAL), 64)
