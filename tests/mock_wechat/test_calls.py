"""The call log: received calls with the token state at that moment, and real secrets masked."""

import hashlib
import json
from dataclasses import asdict
from typing import Any

import pytest

from mock_wechat import MockWeChat
from mock_wechat.state.credentials import Generation

from .client import MINI, NOW, OFFICIAL, Client, FakeClock

REAL = ("wx00000000000000aa", "0123456789abcdef0123456789abcdef")


def calls(client: Client, query: str = "") -> Any:
    return client.get(f"/_mock/calls{query}")["calls"]


def test_call_has_these_fields(mock: MockWeChat, client: Client) -> None:
    token = client.token(MINI)["access_token"]
    body = '{"content":"你好"}'.encode()
    client.check_text(token, body)
    call = calls(client)[1]
    headers = call.pop("headers")
    assert call == {
        "id": 2,
        "at": NOW,
        "client": "127.0.0.1",
        "method": "POST",
        "path": "/wxa/msg_sec_check",
        "query": {"access_token": token},
        "body": '{"content":"你好"}',
        "body_length": 20,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        "appid": MINI[0],
        "token_state": "current",
        "used": {"credential": "access_token", "generation": 1},
        "issued": None,
        "status": 200,
        "errcode": 0,
        "answer": '{"errcode":0,"errmsg":"ok"}',
        "notes": [],
    }
    assert headers["content-length"] == "20"
    assert asdict(mock.calls()[1]) == {**call, "headers": headers, "notes": ()}


def test_calls_by_path_oldest_first(client: Client) -> None:
    client.token()
    client.stable_token()
    client.token()
    assert [call["id"] for call in calls(client)] == [1, 2, 3]
    assert [call["id"] for call in calls(client, "?path=/cgi-bin/token")] == [1, 3]
    assert [call["id"] for call in calls(client, "?path=/cgi-bin/*")] == [1, 2, 3]
    client.raw("DELETE", "/_mock/calls")
    assert calls(client) == []


def test_calls_after_an_id_and_newest_calls(client: Client) -> None:
    client.token()
    client.stable_token()
    client.token()
    assert [call["id"] for call in calls(client, "?after=1")] == [2, 3]
    assert [call["id"] for call in calls(client, "?newest=2")] == [2, 3]
    assert [call["id"] for call in calls(client, "?after=1&newest=1&path=/cgi-bin/stable_token")] == [2]
    assert calls(client, "?after=3") == calls(client, "?newest=0") == []


def test_log_range_shows_dropped_calls(clock: FakeClock) -> None:
    def span(client: Client) -> tuple[int | None, int]:
        answer = client.get("/_mock/calls", newest=0)
        return answer["first_id"], answer["last_id"]

    with MockWeChat(clock=clock, log_size=3) as mock, Client(mock.url) as client:
        assert span(client) == (None, 0)
        for _ in range(5):
            client.token()
        assert span(client) == (3, 5)
        client.raw("DELETE", "/_mock/calls")
        assert span(client) == (None, 5)


def test_call_shows_used_and_issued_generation(mock: MockWeChat, client: Client) -> None:
    client.token()
    token = client.token()["access_token"]
    client.getticket(token)
    client.getticket(client.stable_token()["access_token"])
    client.errcode_of("made up")
    client.token((OFFICIAL[0], "wrong"))
    log = [(call.used, call.issued) for call in mock.calls()]
    assert log == [
        (None, Generation("access_token", 1)),
        (None, Generation("access_token", 2)),
        (Generation("access_token", 2), Generation("jsapi_ticket", 1)),
        (None, Generation("stable_token", 1)),
        (Generation("stable_token", 1), Generation("jsapi_ticket", 1)),
        (None, None),
        (None, None),
    ]


@pytest.mark.parametrize("body", ["[]", "{", '{"access_token":1}', '{"access_token":"made up"}'])
def test_answer_without_a_credential_issues_nothing(mock: MockWeChat, client: Client, body: str) -> None:
    mock.fail("/cgi-bin/token", body=body)
    client.raw("GET", "/cgi-bin/token")
    assert mock.calls()[0].issued is None


def test_token_state_is_that_of_the_moment(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    first = client.token()["access_token"]
    client.errcode_of(first)
    client.token()
    client.errcode_of(first)
    clock.advance(300)
    client.errcode_of(first)
    client.errcode_of("made up")
    client.get("/cgi-bin/ticket/getticket")
    states = [call.token_state for call in mock.calls() if call.path != "/cgi-bin/token"]
    assert states == ["current", "overlap", "dead", "unknown", None]


def test_long_body_is_cut_in_the_log(mock: MockWeChat, client: Client, mini_token: str) -> None:
    client.check_text(mini_token, json.dumps({"content": "x" * 50_000}).encode())
    call = mock.calls()[-1]
    assert len(call.body or "") == 10_000
    assert call.body_length == 50_015


def test_control_calls_are_not_logged(mock: MockWeChat, client: Client) -> None:
    client.get("/_mock/state")
    assert mock.calls() == []


def test_mock_secrets_stay_readable(mock: MockWeChat, client: Client) -> None:
    client.token()
    client.stable_token()
    assert mock.calls()[0].query["secret"] == OFFICIAL[1]
    assert OFFICIAL[1] in (mock.calls()[1].body or "")


@pytest.mark.parametrize("known", [True, False], ids=["known account", "unknown account"])
def test_real_secret_is_masked_in_secret_fields(mock: MockWeChat, client: Client, known: bool) -> None:
    if known:
        mock.add_account(*REAL)
    client.token(REAL)
    client.stable_token(REAL)
    client.raw("POST", "/cgi-bin/stable_token", data={"appid": REAL[0], "secret": REAL[1]})
    client.post("/cgi-bin/clear_quota/v2", {"appsecret": REAL[1], "appid": REAL[0]})
    client.raw("GET", "/cgi-bin/token", headers={"Referer": f"https://x/?secret={REAL[1]}&a=1"})
    assert REAL[1] not in json.dumps(calls(client))
    assert mock.calls()[0].query["secret"] == "***"
    assert json.loads(mock.calls()[1].body or "")["secret"] == "***"
    assert mock.calls()[2].body == f"appid={REAL[0]}&secret=***"
    assert mock.calls()[4].headers["referer"] == "https://x/?secret=***&a=1"


def test_known_secret_is_masked_in_wrong_places(mock: MockWeChat, client: Client) -> None:
    mock.add_account(*REAL)
    mock.fail("/cgi-bin/token", body=f"echo {REAL[1]}")
    client.raw("GET", "/cgi-bin/token", params={"x": REAL[1]}, headers={"X-Note": REAL[1]}, data=f"see {REAL[1]}")
    client.raw("GET", f"/cgi-bin/{REAL[1]}")
    assert REAL[1] not in json.dumps(calls(client))
    assert mock.calls()[0].answer == "echo ***"


@pytest.mark.parametrize(
    "how",
    [
        {"params": {"secret": OFFICIAL[1]}},
        {"headers": {"X-Note": OFFICIAL[1]}},
        {"data": f'{{"content":"{OFFICIAL[1]}"}}'},
    ],
    ids=["query", "header", "body"],
)
def test_secret_at_any_other_endpoint_is_noted(mock: MockWeChat, client: Client, how: dict[str, Any]) -> None:
    client.raw("POST", "/wxa/msg_sec_check", **how)
    assert mock.calls()[-1].notes == ("secret_leaked",)
    with pytest.raises(AssertionError, match="call 1: POST /wxa/msg_sec_check"):
        mock.assert_secret_only_sent_to_token_endpoints()


def test_dead_tokens_are_reported(mock: MockWeChat, client: Client, clock: FakeClock) -> None:
    token = client.token()["access_token"]
    client.getticket(token)
    mock.assert_no_dead_token_used()
    clock.advance(7200)
    client.getticket(token)
    with pytest.raises(AssertionError, match="call 3: GET /cgi-bin/ticket/getticket"):
        mock.assert_no_dead_token_used()
