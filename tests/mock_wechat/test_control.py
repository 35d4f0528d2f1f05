"""The control plane: its calls, its mistakes, and who may use it."""

from typing import Any

import pytest
import requests

from mock_wechat import MockWeChat

from .client import MINI, NOW, OFFICIAL, Client, FakeClock

CALLS: list[tuple[str, dict[str, Any]]] = [
    ("/_mock/reset", {}),
    ("/_mock/clock", {"advance": 1}),
    ("/_mock/faults", {"path": "/cgi-bin/token", "errcode": -1}),
    ("/_mock/accounts", {"appid": "wx1", "secret": "s", "kind": "mini"}),
    ("/_mock/confirm", {"appid": OFFICIAL[0], "ip": "203.0.113.7", "answer": "allow"}),
    ("/_mock/revoke", {"appid": OFFICIAL[0], "credential": "access_token"}),
    ("/_mock/words", {"words": ["casino"]}),
]


def post(client: Client, path: str, payload: object, **how: Any) -> requests.Response:
    return client.raw("POST", path, json=payload, **how)


def account(client: Client, position: int = 0) -> Any:
    return client.get("/_mock/state")["accounts"][position]


def test_state_shows_accounts_credentials_and_quotas(client: Client) -> None:
    token = client.token()["access_token"]
    state = client.get("/_mock/state")
    assert list(state) == ["now", "still", "accounts", "confirmations", "faults"]
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


def test_state_follows_a_credentials_life(client: Client, clock: FakeClock) -> None:
    def states() -> list[tuple[int, str]]:
        return [(it["generation"], it["state"]) for it in account(client)["credentials"]]

    client.token()
    client.token()
    assert states() == [(1, "overlap"), (2, "current")]
    clock.advance(300)
    assert states() == [(1, "dead"), (2, "current")]
    clock.advance(6900)
    assert states() == [(1, "dead"), (2, "dead")]


def test_state_says_when_a_credential_died(client: Client, clock: FakeClock) -> None:
    client.getticket(client.token()["access_token"])
    clock.advance(60)
    client.post("/_mock/revoke", {"appid": OFFICIAL[0], "credential": "jsapi_ticket"})
    client.token()
    ends = {(it["credential"], it["generation"]): it["usable_until"] for it in account(client)["credentials"]}
    assert ends == {
        ("access_token", 1): NOW + 60 + 300,
        ("access_token", 2): NOW + 60 + 7200,
        ("jsapi_ticket", 1): NOW + 60,
        ("jsapi_ticket", 2): NOW + 60 + 7200 + 300,
    }


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


def test_state_shows_confirmations(mock: MockWeChat, client: Client) -> None:
    def asked() -> list[tuple[str, str]]:
        return [(it["ip"], it["state"]) for it in client.get("/_mock/state")["confirmations"]]

    mock.add_account(*OFFICIAL, confirm_ip=True)
    assert asked() == []
    client.token()
    assert client.get("/_mock/state")["confirmations"] == [
        {"appid": OFFICIAL[0], "ip": "127.0.0.1", "state": "pending"}
    ]
    mock.confirm(OFFICIAL[0], "127.0.0.1", "refuse")
    mock.confirm(OFFICIAL[0], "203.0.113.7", "allow")
    assert asked() == [("127.0.0.1", "refused"), ("203.0.113.7", "allowed")]


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
    assert [it["appid"] for it in client.get("/_mock/state")["accounts"]] == [OFFICIAL[0], MINI[0]]
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


def test_words_are_shown_as_set(client: Client) -> None:
    words = {"words": ["casino", {"word": "poker", "suggest": "review", "label": 20006}]}
    shown = [
        {"word": "casino", "suggest": "risky", "label": 21000},
        {"word": "poker", "suggest": "review", "label": 20006},
    ]
    assert client.post("/_mock/words", words) == {"words": shown}
    assert client.get("/_mock/words") == {"words": shown}


@pytest.mark.parametrize(
    ("path", "payload", "field"),
    [
        ("/_mock/reset", {"hard": True}, "hard"),
        ("/_mock/clock", {}, "advance"),
        ("/_mock/clock", {"advance": "1"}, "advance"),
        ("/_mock/clock", {"advance": True}, "advance"),
        ("/_mock/clock", {"advance": -(2**32)}, "advance"),
        ("/_mock/clock", {"advance": 2**31 + 2**31 - 1}, "advance"),
        ("/_mock/clock", {"set": -1}, "set"),
        ("/_mock/clock", {"set": 1, "advance": 1}, "set"),
        ("/_mock/clock", {"advanced": 1}, "advanced"),
        ("/_mock/accounts", {}, "appid"),
        ("/_mock/accounts", {"appid": "wx1"}, "secret"),
        ("/_mock/accounts", {"appid": "wx1", "secret": "s"}, "kind"),
        ("/_mock/accounts", {"appid": "wx1", "secret": "s", "kind": "web"}, "kind"),
        ("/_mock/accounts", {"appid": OFFICIAL[0], "js_domains": "localhost"}, "js_domains"),
        ("/_mock/accounts", {"appid": OFFICIAL[0], "js_domains": [1]}, "js_domains"),
        ("/_mock/accounts", {"appid": OFFICIAL[0], "ip_whitelist": ["203.0.113"]}, "ip_whitelist"),
        ("/_mock/accounts", {"appid": OFFICIAL[0], "confirm_ip": "yes"}, "confirm_ip"),
        ("/_mock/accounts", {"appid": OFFICIAL[0], "expires_in": 0}, "expires_in"),
        ("/_mock/accounts", {"appid": OFFICIAL[0], "overlap": 0}, "overlap"),
        ("/_mock/confirm", {"appid": "wx1", "ip": "203.0.113.7", "answer": "allow"}, "appid"),
        ("/_mock/confirm", {"appid": OFFICIAL[0], "ip": "here", "answer": "allow"}, "ip"),
        ("/_mock/confirm", {"appid": OFFICIAL[0], "ip": "203.0.113.7", "answer": "yes"}, "answer"),
        ("/_mock/revoke", {"appid": OFFICIAL[0], "credential": "token"}, "credential"),
        ("/_mock/words", {"words": "casino"}, "words"),
        ("/_mock/words", {"words": [""]}, "words"),
        ("/_mock/words", {"words": ["\ud800"]}, "words"),
        ("/_mock/words", {"words": [{"word": "a", "label": 1}]}, "words"),
        ("/_mock/words", {"words": [{"word": "a", "labels": 1}]}, "words"),
        ("/_mock/clock", [], "body"),
        ("/_mock/clock", "advance", "body"),
    ],
)  # fmt: skip
def test_wrong_call_is_400_and_names_the_field(client: Client, path: str, payload: object, field: str) -> None:
    before = client.get("/_mock/state")
    answer = post(client, path, payload)
    assert (answer.status_code, answer.json()["field"]) == (400, field)
    assert list(answer.json()) == ["error", "field"]
    assert field in answer.json()["error"]
    assert client.get("/_mock/state") == before


def test_broken_json_is_400(client: Client) -> None:
    answer = client.raw("POST", "/_mock/clock", data=b"{", headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.json()["field"]) == (400, "body")


def test_unknown_path_and_method(client: Client) -> None:
    assert client.raw("GET", "/_mock/nothing").status_code == 404
    answer = client.raw("PUT", "/_mock/clock")
    assert (answer.status_code, answer.json()) == (405, {"error": "use POST", "field": "method"})


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
@pytest.mark.parametrize(("path", "payload"), CALLS)
def test_forms_that_any_page_can_post_are_refused(
    client: Client, path: str, payload: dict[str, Any], content_type: str | None
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.raw("POST", path, data=b"{}" if payload else b"", headers=headers)
    assert (answer.status_code, answer.json()["field"]) == (415, "Content-Type")


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost.evil.example", "http://[::1"])
@pytest.mark.parametrize(("path", "payload"), CALLS)
def test_foreign_pages_may_not_call_the_control_plane(
    client: Client, path: str, payload: dict[str, Any], origin: str
) -> None:
    answer = post(client, path, payload, headers={"Origin": origin})
    assert (answer.status_code, answer.json()["field"]) == (403, "Origin")
    assert client.raw("GET", "/_mock/state", headers={"Origin": origin}).status_code == 403
    assert client.raw("DELETE", "/_mock/calls", headers={"Origin": origin}).status_code == 403


@pytest.mark.parametrize("origin", ["http://localhost:8000", "http://127.0.0.1", "http://[::1]:5173"])
@pytest.mark.parametrize(("path", "payload"), CALLS)
def test_pages_on_this_machine_may(client: Client, path: str, payload: dict[str, Any], origin: str) -> None:
    assert post(client, path, payload, headers={"Origin": origin}).status_code == 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost:9100", 200),
        ("127.0.0.1", 200),
        ("[::1]:9100", 200),
        ("mock.localhost", 200),
        ("rebound.evil.example", 403),
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


def test_any_host_reaches_wechats_own_paths(client: Client) -> None:
    answer = client.raw("GET", "/cgi-bin/token", headers={"Host": "api.weixin.qq.com", "Origin": "https://x.example"})
    assert answer.json()["errcode"] == 41002


def test_pages_on_this_machine_may_read_verify_and_nothing_else(client: Client) -> None:
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
