"""The control plane: its calls, errors and access checks."""

from typing import Any

import pytest
import requests

from mock_wechat import MockWeChat

from .client import MINI, NOW, OFFICIAL, WEB, Client, FakeClock


def post(client: Client, path: str, payload: object, **how: Any) -> requests.Response:
    return client.raw("POST", path, json=payload, **how)


def account(client: Client, position: int = 0) -> Any:
    return client.get("/_mock/state")["accounts"][position]


def test_state_shows_accounts_credentials_and_quotas(client: Client) -> None:
    token = client.token()["access_token"]
    state = client.get("/_mock/state")
    assert list(state) == ["now", "still", "accounts", "confirmations", "faults", "scenarios", "last_ids", "server"]
    assert state["now"] == NOW
    assert state["accounts"][0] == {
        "appid": OFFICIAL[0],
        "kind": "official",
        "js_domains": ["localhost", "127.0.0.1", "[::1]"],
        "credentials": [
            {
                "credential": "access_token",
                "value": token,
                "generation": 1,
                "issued_at": NOW,
                "expires_at": NOW + 7200,
                "usable_until": NOW + 7200,
                "state": "current",
            }
        ],
        "quotas": {"/cgi-bin/token": {"daily_limit": 2000, "used": 1, "remain": 1999}},
    }
    assert state["accounts"][1] == {
        "appid": MINI[0], "kind": "mini", "js_domains": [], "credentials": [], "quotas": {}
    }  # fmt: skip


def test_state_is_cut_to_the_newest_generations(client: Client) -> None:
    for _ in range(3):
        client.token()
    client.stable_token()
    shown = client.get("/_mock/state", generations=2)["accounts"][0]["credentials"]
    assert [(it["credential"], it["generation"]) for it in shown] == [
        ("access_token", 2),
        ("access_token", 3),
        ("stable_token", 1),
    ]
    assert client.raw("GET", "/_mock/state", params={"generations": "all"}).json()["field"] == "generations"


def test_clock_moves_wechat_alone(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    token = client.token()["access_token"]
    assert client.post("/_mock/clock", {"advance": 7200}) == {"now": NOW + 7200}
    assert client.errcode_of(token) == 42001
    assert clock() == NOW
    assert client.post("/_mock/clock", {"set": 1_500_000_000}) == {"now": 1_500_000_000}
    clock.advance(5)
    assert mock.clock() == 1_500_000_005
    mock.clock.advance(-10)
    assert client.get("/_mock/state")["now"] == 1_499_999_995


def test_reset_brings_everything_back_to_the_start(mock: MockWeChat, client: Client) -> None:
    token = client.token()["access_token"]
    mock.add_account("wx1", "s")
    mock.add_account(*OFFICIAL, confirm_ip=True, daily_token_quota=0)
    mock.fail("*", -1, times=None)
    mock.clock.advance(1000)
    client.post("/_mock/words", {"words": ["casino"]})
    client.stable_token(force_refresh=True)
    assert client.post("/_mock/reset", {}) == {}
    assert mock.clock() == NOW
    assert mock.calls() == []
    assert client.get("/_mock/words") == {"words": []}
    assert client.get("/_mock/state")["faults"] == []
    assert [it["appid"] for it in client.get("/_mock/state")["accounts"]] == [OFFICIAL[0], MINI[0], WEB[0]]
    assert client.errcode_of(token) == 40001
    assert client.token()["access_token"] != token
    assert account(client)["credentials"][0]["generation"] == 1


def test_account_is_added_and_changed(client: Client) -> None:
    added = client.post("/_mock/accounts", {"appid": "wx1", "secret": "s1", "kind": "official", "expires_in": 60})
    assert (added["appid"], added["kind"]) == ("wx1", "official")
    assert "s1" not in str(added)
    assert client.token(("wx1", "s1"))["expires_in"] == 60
    client.post("/_mock/accounts", {"appid": "wx1", "secret": "s2"})
    assert client.token(("wx1", "s1"))["errcode"] == 40125
    assert client.token(("wx1", "s2"))["expires_in"] == 60


@pytest.mark.parametrize("credential", ["access_token", "stable_token", "jsapi_ticket"])
def test_revoked_credential_is_dead_and_has_a_successor(client: Client, credential: str) -> None:
    client.getticket(client.token()["access_token"])
    client.stable_token()
    answer = client.post("/_mock/revoke", {"appid": OFFICIAL[0], "credential": credential})
    assert answer == {"appid": OFFICIAL[0], "credential": credential, "generation": 2}
    states = [it["state"] for it in account(client)["credentials"] if it["credential"] == credential]
    assert states == ["dead", "current"]


ACCOUNT = {"appid": OFFICIAL[0]}
WRONG: list[tuple[str, Any, str]] = [
    ("/_mock/reset", {"hard": True}, "hard"),
    ("/_mock/clock", {}, "advance"),
    ("/_mock/clock", {"advance": True}, "advance"),
    ("/_mock/clock", {"advance": -(2**32)}, "advance"),
    ("/_mock/clock", {"advance": 2**31 + 2**31 - 1}, "advance"),
    ("/_mock/clock", {"set": -1}, "set"),
    ("/_mock/clock", {"set": 1, "advance": 1}, "set"),
    ("/_mock/clock", [], "body"),
    ("/_mock/accounts", {}, "appid"),
    ("/_mock/accounts", {"appid": "wx1"}, "secret"),
    ("/_mock/accounts", {"appid": "wx1", "secret": "s", "kind": "app"}, "kind"),
    ("/_mock/accounts", {**ACCOUNT, "js_domains": "localhost"}, "js_domains"),
    ("/_mock/accounts", {**ACCOUNT, "js_domains": [1]}, "js_domains"),
    ("/_mock/accounts", {**ACCOUNT, "ip_whitelist": ["203.0.113"]}, "ip_whitelist"),
    ("/_mock/accounts", {**ACCOUNT, "confirm_ip": "yes"}, "confirm_ip"),
    ("/_mock/accounts", {**ACCOUNT, "expires_in": 0}, "expires_in"),
    ("/_mock/accounts", {**ACCOUNT, "overlap": 0}, "overlap"),
    ("/_mock/accounts", {**ACCOUNT, "quirks": ["hints"]}, "quirks"),
    ("/_mock/accounts", {**ACCOUNT, "push_url": "localhost:8000"}, "push_url"),
    ("/_mock/accounts", {**ACCOUNT, "push_url": "http://localhost:port/"}, "push_url"),
    ("/_mock/accounts", {**ACCOUNT, "push_mode": "safe"}, "push_mode"),
    ("/_mock/accounts", {**ACCOUNT, "push_aes_key": "short"}, "push_aes_key"),
    ("/_mock/confirm", {"appid": "wx1", "ip": "203.0.113.7", "answer": "allow"}, "appid"),
    ("/_mock/confirm", {**ACCOUNT, "ip": "here", "answer": "allow"}, "ip"),
    ("/_mock/confirm", {**ACCOUNT, "ip": "203.0.113.7", "answer": "yes"}, "answer"),
    ("/_mock/revoke", {**ACCOUNT, "credential": "token"}, "credential"),
    ("/_mock/words", {"words": [""]}, "words"),
    ("/_mock/words", {"words": ["\ud800"]}, "words"),
    ("/_mock/words", {"words": [{"word": "a", "label": 1}]}, "words"),
    ("/_mock/push", {"mode": "open"}, "mode"),
    ("/_mock/scenarios", {"name": "bad-day"}, "name"),
    ("/_mock/scenarios", {"name": "flaky", "appid": "wx1"}, "appid"),
    ("/_mock/scenarios", {"name": "flaky", "end": True}, "name"),
    ("/_mock/users", {}, "name"),
    ("/_mock/users", {"name": "wang", "phone": 1}, "phone"),
    ("/_mock/users", {"name": "wang", "holds_phone": 1}, "holds_phone"),
    ("/_mock/openids", {**ACCOUNT, "openid": "o1", "state": "away"}, "state"),
    ("/_mock/codes", {**ACCOUNT, "kind": "qr"}, "kind"),
    ("/_mock/codes", {**ACCOUNT, "kind": "js"}, "kind"),
    ("/_mock/codes", {**ACCOUNT, "kind": "oauth", "openid": "o1"}, "openid"),
    ("/_mock/codes", {**ACCOUNT, "kind": "oauth", "scope": "snsapi_login"}, "scope"),
    ("/_mock/push", {"trace_id": "x"}, "trace_id"),
]


@pytest.mark.parametrize(("path", "payload", "field"), WRONG)
def test_wrong_call_is_400_and_names_the_field(client: Client, path: str, payload: object, field: str) -> None:
    before = client.get("/_mock/state")
    answer = post(client, path, payload)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert list(answer.json()) == ["error", "field"]
    assert field in answer.json()["error"]
    assert client.get("/_mock/state") == before


@pytest.mark.parametrize(
    ("query", "field"),
    [("calls?after=-1", "after"), ("calls?newest=²", "newest"), ("verify?appid=a&timestamp=1&nonceStr=n", "signature")],
)
def test_wrong_query_is_400_and_names_the_field(client: Client, query: str, field: str) -> None:
    answer = client.raw("GET", f"/_mock/{query}")
    assert (answer.status_code, answer.json()["field"]) == (400, field)


def test_unknown_path_and_method(client: Client) -> None:
    assert client.raw("GET", "/_mock/nothing").status_code == 404
    answer = client.raw("PUT", "/_mock/clock")
    assert (answer.status_code, answer.json()) == (405, {"error": "use POST", "field": "method"})


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
def test_html_forms_are_refused(client: Client, content_type: str | None) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.raw("POST", "/_mock/reset", data=b"{}", headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (415, "Content-Type")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://[::1"])
def test_foreign_pages_may_not_call_the_control_plane(client: Client, origin: str) -> None:
    headers = {"Origin": origin}
    answer = post(client, "/_mock/reset", {}, headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (403, "Origin")
    assert client.raw("GET", "/_mock/state", headers=headers).status_code == 403
    assert client.raw("DELETE", "/_mock/calls", headers=headers).status_code == 403


@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:5173"])
def test_local_pages_may_call_the_control_plane(client: Client, origin: str) -> None:
    assert post(client, "/_mock/reset", {}, headers={"Origin": origin}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9100", 200),
        ("127.0.0.1", 200),
        ("[::1]:9100", 200),
        ("mock.localhost", 200),
        ("127.0.0.1.evil.example", 403),
        ("192.168.1.5:9100", 403),
        ("[", 403),
    ],
)
def test_host_must_be_loopback(client: Client, host: str, status: int) -> None:
    assert client.raw("GET", "/_mock/state", headers={"Host": host}).status_code == status


def test_pages_from_a_configured_host_may_call() -> None:
    with MockWeChat(control_hosts=["wechat"]) as mock, Client(mock.url) as client:
        headers = {"Host": "wechat:9100", "Origin": "http://wechat:9100"}
        assert post(client, "/_mock/clock", {"advance": 1}, headers=headers).status_code == 200
        headers["Origin"] = "http://other:9100"
        assert post(client, "/_mock/clock", {"advance": 1}, headers=headers).status_code == 403


def test_local_pages_can_read_verify_only(client: Client) -> None:
    headers = {"Origin": "http://127.0.0.1:8000"}
    query = {"appid": OFFICIAL[0], "timestamp": "1", "nonceStr": "n", "signature": "s", "url": "http://localhost/"}
    answer = client.raw("GET", "/_mock/verify", params=query, headers=headers)
    assert answer.headers["Access-Control-Allow-Origin"] == "http://127.0.0.1:8000"
    assert answer.headers["Vary"] == "Origin"
    assert "Access-Control-Allow-Origin" not in client.raw("GET", "/_mock/state", headers=headers).headers
    wrong = client.raw("GET", "/_mock/verify", headers=headers)
    assert (wrong.status_code, "Access-Control-Allow-Origin" in wrong.headers) == (400, True)
    foreign = client.raw("GET", "/_mock/verify", params=query, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, "Access-Control-Allow-Origin" in foreign.headers) == (403, False)
