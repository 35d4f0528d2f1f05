"""Values that are refused, and what is said of each."""

from collections.abc import Callable

import pytest
from app.config import load_settings

from tests.app.config.conftest import OFFICIAL, problems, the_problem


@pytest.mark.parametrize(
    ("environ", "said"),
    [
        ({**OFFICIAL, "WECHAT_API_BASE": "http://api.weixin.qq.com"}, "WECHAT_API_BASE: must be https"),
        ({**OFFICIAL, "WECHAT_API_BASE": "http://127.0.0.1.evil.org"}, "WECHAT_API_BASE: must be https"),
        ({**OFFICIAL, "WECHAT_API_BASE": "https://api.weixin.qq.com/cgi-bin"}, "WECHAT_API_BASE: must be scheme, host"),
        ({**OFFICIAL, "WECHAT_API_BASE": "https://api.weixin.qq.com?a=b"}, "WECHAT_API_BASE: must be scheme, host"),
        ({**OFFICIAL, "WECHAT_API_BASE": "https://api.weixin.qq.com#"}, "WECHAT_API_BASE: must be scheme, host"),
        ({**OFFICIAL, "WECHAT_API_BASE": "https://me:5ecre7@api.weixin.qq.com"}, "WECHAT_API_BASE: must be http:// or"),
        ({**OFFICIAL, "WECHAT_API_BASE": "api.weixin.qq.com"}, "WECHAT_API_BASE: must be http:// or"),
        ({**OFFICIAL, "WECHAT_API_BASE": ","}, "WECHAT_API_BASE: must have at least one entry"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "redis://:5ecre7@/0"}, "WECHAT_STORE_URL: must be redis://"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "redis://:5ecre7@h:many/0"}, "WECHAT_STORE_URL: must be redis://"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "rediss://:5ecre7@h/zero"}, "WECHAT_STORE_URL: must be redis://"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "mysql://:5ecre7@h/0"}, "use sqlite:///path, redis://"),
        ({**OFFICIAL, "WECHAT_STORE_URL": "sqlite://credentials.db"}, "use sqlite:///path, redis://"),
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
    ],
)  # fmt: skip
def test_wrong_value_is_a_problem_that_names_the_setting(environ: dict[str, str], said: str) -> None:
    assert any(said in problem for problem in problems(environ))


@pytest.mark.parametrize(
    ("url", "right"),
    [
        ("redis://:5ecre7@/0", "redis://:password@10.0.0.5:6379/0"),
        ("rediss://:5ecre7@h/zero", "redis://:password@10.0.0.5:6379/0"),
        ("sqlite:///", "sqlite:///instance/credentials.db"),
    ],
)
def test_example_of_a_store_is_of_the_kind_that_was_meant(url: str, right: str) -> None:
    (problem,) = problems({**OFFICIAL, "WECHAT_STORE_URL": url})
    assert problem.endswith(f"; right is, for example: {right}")


def test_url_of_the_store_comes_from_a_file_and_its_password_is_kept_out_of_the_log(
    secret_file: Callable[[bytes], str],
) -> None:
    path = secret_file(b"redis://:5ecre7-pass%40word@10.0.0.5:6379/0\n")
    settings = load_settings({**OFFICIAL, "WECHAT_STORE_URL_FILE": path})
    assert settings.store_url == "redis://:5ecre7-pass%40word@10.0.0.5:6379/0"
    assert {"5ecre7-pass%40word", "5ecre7-pass@word"} <= settings.confidential


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"redis://:5ecre7@/0", "WECHAT_STORE_URL: must be redis://"),
        (b"\n", "WECHAT_STORE_URL: use sqlite:///path"),
        (b"\xff", "WECHAT_STORE_URL_FILE: the file is not UTF-8"),
    ],
)
def test_wrong_file_of_the_stores_url_is_a_problem(
    secret_file: Callable[[bytes], str], content: bytes, said: str
) -> None:
    assert the_problem({**OFFICIAL, "WECHAT_STORE_URL_FILE": secret_file(content)}).startswith(said)


def test_url_of_the_store_is_given_once(secret_file: Callable[[bytes], str]) -> None:
    environ = {**OFFICIAL, "WECHAT_STORE_URL": "memory://", "WECHAT_STORE_URL_FILE": secret_file(b"memory://")}
    said = "WECHAT_STORE_URL_FILE: WECHAT_STORE_URL is given too; keep one of them"
    assert the_problem(environ) == said
