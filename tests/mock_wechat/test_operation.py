"""Clear and show quotas, find refusals by rid, list addresses: WECHAT.md 7.2 and 0.10."""

import json
from typing import Any

import pytest

from mock_wechat import MockWeChat
from mock_wechat.api import ENDPOINTS
from mock_wechat.state.quotas import LIMITS

from .client import MINI, NOW, OFFICIAL, Client, FakeClock

CLEAR, CLEAR_V2 = "/cgi-bin/clear_quota", "/cgi-bin/clear_quota/v2"
QUOTA, RID = "/cgi-bin/openapi/quota/get", "/cgi-bin/openapi/rid/get"
CHECK = "/cgi-bin/callback/check"
STABLE = "/cgi-bin/stable_token"
OK = {"errcode": 0, "errmsg": "ok"}
BY_SECRET = {"appid": OFFICIAL[0], "appsecret": OFFICIAL[1]}


@pytest.fixture
def token(client: Client) -> str:
    token: str = client.token()["access_token"]
    return token


def clear(client: Client, token: str) -> Any:
    return client.post(CLEAR, {"appid": OFFICIAL[0]}, access_token=token)


def rid_of(answer: dict[str, str]) -> str:
    return answer["errmsg"].rpartition("rid: ")[2]


def test_every_endpoint_has_limits() -> None:
    assert set(LIMITS) == {path for path in ENDPOINTS if not path.startswith("/connect/")}


def test_clear_quota_starts_the_day_over(mock: MockWeChat, client: Client, token: str) -> None:
    mock.add_account(*OFFICIAL, daily_token_quota=1)
    assert client.token()["errcode"] == 45009
    assert clear(client, token) == OK
    assert "access_token" in client.token()


def test_clear_quota_spares_the_minute_and_other_accounts(mock: MockWeChat, client: Client, token: str) -> None:
    mock.add_account(*OFFICIAL, limits={STABLE: {"minute": 1}})
    mock.add_account(*MINI, "mini", daily_token_quota=1)
    client.stable_token()
    client.token(MINI)
    clear(client, token)
    assert client.stable_token()["errcode"] == 45011
    assert client.token(MINI)["errcode"] == 45009


def test_quota_can_be_cleared_ten_times_a_month(client: Client, token: str, clock: FakeClock) -> None:
    assert [clear(client, token)["errcode"] for _ in range(5)] == [0] * 5
    assert [client.post(CLEAR_V2, BY_SECRET)["errcode"] for _ in range(5)] == [0] * 5
    for answer in (clear(client, token), client.post(CLEAR_V2, BY_SECRET)):
        assert answer["errcode"] == 48006
        assert answer["errmsg"].startswith("forbid to clear quota because of reaching the limit rid: ")
    clock.now = 1_796_054_399  # 2026-11-30 23:59:59 in Shanghai
    assert client.post(CLEAR_V2, BY_SECRET)["errcode"] == 48006
    clock.now = 1_796_054_400
    assert client.post(CLEAR_V2, BY_SECRET) == OK


def test_clear_quota_v2_takes_the_query_too(mock: MockWeChat, client: Client) -> None:
    assert client.raw("POST", CLEAR_V2, params=BY_SECRET).json() == OK
    mock.assert_secret_only_sent_to_token_endpoints()


def test_quota_is_shown_with_the_rate(mock: MockWeChat, client: Client, token: str) -> None:
    client.stable_token()
    assert client.post(QUOTA, {"cgi_path": STABLE}, access_token=token) == {
        **OK,
        "quota": {"daily_limit": 500_000, "used": 1, "remain": 499_999},
        "rate_limit": {"call_count": 10_000, "refresh_second": 60},
    }
    mock.add_account(*OFFICIAL, daily_token_quota=7)
    assert client.post(QUOTA, {"cgi_path": "/cgi-bin/token"}, access_token=token) == {
        **OK, "quota": {"daily_limit": 7, "used": 1, "remain": 6},
    }  # fmt: skip
    mock.add_account(*OFFICIAL, daily_token_quota=1)
    assert client.token()["errcode"] == client.token()["errcode"] == 45009
    assert client.post(QUOTA, {"cgi_path": "/cgi-bin/token"}, access_token=token)["quota"] == {
        "daily_limit": 1, "used": 2, "remain": 0,
    }  # fmt: skip
    unlimited = client.post(QUOTA, {"cgi_path": "/cgi-bin/ticket/getticket"}, access_token=token)
    assert unlimited["quota"] == {"daily_limit": 0, "used": 0, "remain": 0}


def test_refusal_is_looked_up_by_its_rid(client: Client, mini_token: str) -> None:
    refused = client.check_text(mini_token, b"{")
    answer = client.post(RID, {"rid": rid_of(refused)}, access_token=mini_token)
    assert (answer["errcode"], answer["errmsg"]) == (0, "ok")
    assert answer["request"] == {
        "invoke_time": NOW,
        "cost_in_ms": 0,
        "request_url": f"access_token={mini_token}",
        "request_body": "{",
        "response_body": json.dumps(refused, separators=(",", ":")),
        "client_ip": "127.0.0.1",
    }


def test_rids_are_forgotten_after_seven_days(client: Client, mini_token: str, clock: FakeClock) -> None:
    rid = rid_of(client.check_text(mini_token, b"{"))

    def errcode() -> int:
        token = client.token(MINI)["access_token"]
        return int(client.post(RID, {"rid": rid}, access_token=token)["errcode"])

    clock.advance(7 * 86400 - 1)
    assert errcode() == 0
    clock.advance(1)
    assert errcode() == 76004


def test_rid_record_masks_real_secrets(mock: MockWeChat, client: Client) -> None:
    mock.add_account("wx1", "0123456789abcdef", "mini")
    asked = {"appid": "wx1", "secret": "0123456789abcdef", "grant_type": "wrong"}
    rid = rid_of(client.get("/cgi-bin/token", **asked))
    token = client.token(("wx1", "0123456789abcdef"))["access_token"]
    answer = client.post(RID, {"rid": rid}, access_token=token)
    assert answer["errcode"] == 0
    assert "0123456789abcdef" not in str(answer)


def test_addresses_are_listed_with_escaped_slashes(client: Client, token: str) -> None:
    domain = client.raw("GET", "/cgi-bin/get_api_domain_ip", params={"access_token": token})
    assert domain.text == '{"ip_list":["101.89.47.18","101.91.34.103"]}'
    callback = client.raw("GET", "/cgi-bin/getcallbackip", params={"access_token": token})
    assert '"118.126.124.0\\/24"' in callback.text
    assert callback.json()["ip_list"] == ["127.0.0.1", "118.126.124.0/24", "101.226.103.0/25"]
    assert callback.headers["Content-Type"] == domain.headers["Content-Type"] == "application/json; encoding=utf-8"


@pytest.mark.parametrize(
    ("action", "checks"), [("all", ["dns", "ping"]), ("dns", ["dns"]), ("ping", ["ping"])]
)  # fmt: skip
def test_callback_is_checked(mock: MockWeChat, client: Client, token: str, action: str, checks: list[str]) -> None:
    mock.add_account(*OFFICIAL, push_url="http://127.0.0.1:1/push")
    answer = client.post(CHECK, {"action": action, "check_operator": "UNICOM"}, access_token=token)
    assert list(answer) == checks
    assert answer.get("ping", [{"from_operator": "UNICOM"}])[0]["from_operator"] == "UNICOM"


@pytest.mark.parametrize("path", [CLEAR, QUOTA, RID, CHECK])
def test_body_must_be_a_json_object(client: Client, token: str, path: str) -> None:
    def errcode(body: bytes) -> int:
        return int(client.raw("POST", path, params={"access_token": token}, data=body).json()["errcode"])

    assert [errcode(body) for body in (b"", b"appid=wx1", b"[]")] == [44002, 47001, 47001]
