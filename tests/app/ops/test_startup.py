import pytest

from app.ops import startup
from app.settings import load_settings

ACCOUNT = {"WECHAT_APPID": "wx0000000000000001", "WECHAT_SECRET": "mock-official-secret"}
PROXY = {"WECHAT_TRUSTED_PROXIES": "10.0.0.1"}
PUBLIC, INTERNAL = {"WECHAT_LISTENER": "public"}, {"WECHAT_LISTENER": "internal"}
EVERYWHERE, LOOPBACK = ("0.0.0.0", 8000), ("::1", 8000)


@pytest.mark.parametrize(
    ("settings", "addresses", "warns"),
    [
        ({}, [EVERYWHERE], True),
        (PUBLIC, [LOOPBACK, ("10.0.0.9", 8000)], True),
        (PUBLIC, [LOOPBACK, ("127.0.0.1", 8000), "unix:/run/wechat"], False),
        (PUBLIC | PROXY, [EVERYWHERE], False),
        (INTERNAL, [EVERYWHERE], False),
    ],
)
def test_start_warns_where_no_proxy_stands_in_front(
    settings: dict[str, str], addresses: list[object], warns: bool, caplog: pytest.LogCaptureFixture
) -> None:
    loaded = load_settings({**ACCOUNT, "WECHAT_STORE_URL": "memory://", **settings})
    startup.prepare_or_exit(loaded, 1, addresses)
    assert ("no proxy in front" in caplog.text) is warns


def test_start_warns_of_a_mock_by_name(caplog: pytest.LogCaptureFixture) -> None:
    mock = {"WECHAT_MOCK": "allow", "WECHAT_API_BASE": "http://mock:9100"}
    startup.prepare_or_exit(load_settings({**ACCOUNT, "WECHAT_STORE_URL": "memory://", **mock}), 1, [LOOPBACK])
    assert "a mock answers in place of WeChat api_base=http://mock:9100" in caplog.text


def test_memory_store_and_several_workers_stop_the_start(capsys: pytest.CaptureFixture[str]) -> None:
    settings = load_settings({**ACCOUNT, "WECHAT_STORE_URL": "memory://"})
    with pytest.raises(SystemExit) as stopped:
        startup.prepare_or_exit(settings, 2, [])
    assert stopped.value.code == 4
    assert "WECHAT_STORE_URL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("base", "address", "itself"),
    [
        ("http://127.0.0.1:8001", ("127.0.0.1", 8001), True),
        ("http://localhost:8001", ("0.0.0.0", 8001), True),
        ("http://[::1]:8001", ("::1", 8001), True),
        ("https://10.0.0.5", ("10.0.0.5", 443), True),
        ("https://api.weixin.qq.com,http://127.0.0.1:8001", ("127.0.0.1", 8001), True),
        ("http://127.0.0.1:8002", ("127.0.0.1", 8001), False),
        ("https://10.0.0.6", ("10.0.0.5", 443), False),
        ("http://127.0.0.1:8001", "unix:/run/wechat", False),
    ],
)
def test_wechat_that_is_this_server_stops_the_start(
    base: str, address: object, itself: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings({**ACCOUNT, "WECHAT_STORE_URL": "memory://", "WECHAT_API_BASE": base})
    if not itself:
        startup.prepare_or_exit(settings, 1, [address])
        return
    with pytest.raises(SystemExit):
        startup.prepare_or_exit(settings, 1, [address])
    assert "WECHAT_API_BASE: is this server itself" in capsys.readouterr().err
