"""What is read of the environment, and what stops the start."""

import logging
from contextlib import suppress
from ipaddress import ip_network
from pathlib import Path

import pytest
from app.config import Settings, check_workers, load_settings, settings_table
from app.js_domains import JsDomain
from hypothesis import given
from hypothesis import strategies as st

from app.exceptions import SettingsError
from app.timing import Timing
from tests.app.config.conftest import APPID, KEY, MINI_APPID, MINI_SECRET, OFFICIAL, SECRET, Toml, problems


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
    assert (
        "WECHAT_MINI_APPID: is missing, because WECHAT_MINI_SECRET is set; right is, for example: wx0123456789abcdef"
        in found
    )


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


def test_memory_store_with_several_workers_is_refused_and_says_why() -> None:
    settings = load_settings(OFFICIAL | {"WECHAT_STORE_URL": "memory://"})
    check_workers(settings, 1)
    with pytest.raises(SettingsError, match=r"(?s)WECHAT_STORE_URL.*2 workers.*tokens of its own"):
        check_workers(settings, 2)


def test_other_stores_take_any_number_of_workers() -> None:
    check_workers(load_settings(OFFICIAL), 64)
