"""Faults, set through the object or the control plane."""

from http.client import HTTPConnection, RemoteDisconnected

import pytest
import requests

from mock_wechat import MockWeChat
from mock_wechat.state.credentials import Generation
from tests.e2e.servers import eventually

from .client import MINI, OFFICIAL, Client, FakeClock

TOKEN = "/cgi-bin/token"


def set_fault(client: Client, **fault: object) -> requests.Response:
    return client.raw("POST", "/_mock/faults", json=fault)


def errcodes(client: Client, calls: int, account: tuple[str, str] = OFFICIAL) -> list[int]:
    return [client.token(account).get("errcode", 0) for _ in range(calls)]


@pytest.mark.parametrize(
    ("fault", "seen"),
    [({}, [-1, 0, 0]), ({"times": 2}, [-1, -1, 0]), ({"times": 2, "every": 3}, [0, 0, -1, 0, 0, -1, 0, 0, 0])],
)
def test_faults_are_counted(mock: MockWeChat, client: Client, fault: dict[str, int], seen: list[int]) -> None:
    mock.fail(TOKEN, -1, **fault)
    assert errcodes(client, len(seen)) == seen


def test_endless_fault_ends_when_deleted(mock: MockWeChat, client: Client) -> None:
    mock.fail(TOKEN, -1, times=2)
    mock.fail(TOKEN, 45009, times=None)
    assert errcodes(client, 5) == [-1, -1, 45009, 45009, 45009]
    client.raw("DELETE", "/_mock/faults")
    assert errcodes(client, 1) == [0]


def test_first_fault_that_matches_wins(mock: MockWeChat, client: Client) -> None:
    mock.fail("/wxa/*", -1)
    mock.fail("/cgi-bin/*", 45011)
    mock.fail(TOKEN, 40013)
    assert errcodes(client, 3) == [45011, 40013, 0]


def test_fault_of_one_account_spares_the_other(mock: MockWeChat, client: Client) -> None:
    token = client.token()["access_token"]
    mock.fail("*", -1, times=None, appid=OFFICIAL[0])
    assert errcodes(client, 1, MINI) == [0]
    assert errcodes(client, 1) == [-1]
    assert client.stable_token()["errcode"] == -1
    assert client.getticket(token)["errcode"] == -1


def test_fault_sets_body_and_content_type(client: Client) -> None:
    set_fault(client, path=TOKEN, body='{"errcode":"0"}')
    set_fault(client, path=TOKEN, body="", status=204, content_type="text/plain")
    answer = client.raw("GET", TOKEN)
    assert answer.text == '{"errcode":"0"}'
    assert answer.headers["Content-Type"] == "application/json; encoding=utf-8"
    assert client.raw("GET", TOKEN).status_code == 204


def test_dropped_call_is_processed_only_after(mock: MockWeChat, client: Client) -> None:
    for drop in ("before", "after"):
        mock.fail("/cgi-bin/stable_token", drop=drop)
        with pytest.raises(requests.ConnectionError):
            client.stable_token()
    before, after = mock.calls()
    assert (before.status, before.answer, before.notes, before.issued) == (None, None, ("fault",), None)
    assert (after.status, after.issued) == (None, Generation("stable_token", 1))
    issued = client.get("/_mock/state")["accounts"][0]["credentials"][0]["value"]
    assert client.stable_token()["access_token"] == issued


def test_delayed_call_is_processed_at_once(mock: MockWeChat, client: Client) -> None:
    mock.fail("/cgi-bin/stable_token", delay_seconds=600)
    with pytest.raises(requests.ReadTimeout):
        client.raw("POST", "/cgi-bin/stable_token", json=_asked(), timeout=0.2)
    eventually(lambda: mock.calls("/cgi-bin/stable_token"), "the call is processed")
    issued = client.get("/_mock/state")["accounts"][0]["credentials"][0]["value"]
    assert client.stable_token()["access_token"] == issued


def test_dripping_answer_comes_byte_by_byte(mock: MockWeChat, client: Client) -> None:
    mock.fail(TOKEN, 40013, drip_seconds=0.0001)
    mock.fail(TOKEN, drip_seconds=600, times=2)
    assert client.token()["errcode"] == 40013
    with client.raw("GET", TOKEN, stream=True) as answer:
        assert answer.status_code == 200  # headers come at once,
    with pytest.raises((requests.ConnectionError, requests.ReadTimeout), match="Read timed out"):
        client.raw("GET", TOKEN, timeout=0.2)  # then nothing for ten minutes


def test_effects_combine(mock: MockWeChat, client: Client) -> None:
    mock.fail(TOKEN, 45009, status=503, delay_seconds=0.001, truncate=True)
    answer = client.raw("GET", TOKEN, stream=True)
    assert answer.status_code == 503
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = answer.content


@pytest.mark.parametrize(
    ("fault", "field"),
    [
        ({"errcode": -1}, "path"),
        ({"path": "/tickets/get", "errcode": -1}, "path"),
        ({"path": "/cgi*bin/*", "errcode": -1}, "path"),
        ({"path": "/wxa/a?b=c", "errcode": -1}, "path"),
        ({"path": TOKEN}, "errcode"),
        ({"path": TOKEN, "errcode": "-1"}, "errcode"),
        ({"path": TOKEN, "errcode": 12345}, "errmsg"),
        ({"path": TOKEN, "errmsg": "no code", "status": 500}, "errmsg"),
        ({"path": TOKEN, "errcode": -1, "time": 2}, "time"),
        ({"path": TOKEN, "errcode": -1, "times": 0}, "times"),
        ({"path": TOKEN, "errcode": -1, "times": 1.5}, "times"),
        ({"path": TOKEN, "errcode": -1, "every": 0}, "every"),
        ({"path": TOKEN, "errcode": -1, "body": "x"}, "body"),
        ({"path": TOKEN, "status": 99}, "status"),
        ({"path": TOKEN, "body": 1}, "body"),
        ({"path": TOKEN, "status": 500, "content_type": "a\r\nb: c"}, "content_type"),
        ({"path": TOKEN, "delay_seconds": -1}, "delay_seconds"),
        ({"path": TOKEN, "drip_seconds": 1e9}, "drip_seconds"),
        ({"path": TOKEN, "errcode": -1, "drip_headers": True}, "drip_headers"),
        ({"path": TOKEN, "truncate": 1}, "truncate"),
        ({"path": TOKEN, "drop": "during"}, "drop"),
        ({"path": TOKEN, "drop": "after", "errcode": -1}, "drop"),
        ({"path": TOKEN, "processed": True, "delay_seconds": 1}, "processed"),
        ({"path": TOKEN, "quirks": ["hints"]}, "quirks"),
        ({"path": TOKEN, "quirks": []}, "errcode"),
    ],
)
def test_wrong_fault_is_refused_by_name(client: Client, fault: dict[str, object], field: str) -> None:
    answer = set_fault(client, **fault)
    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert field in answer.json()["error"]
    assert client.get("/_mock/faults") == {"faults": []}


def test_typo_gets_a_suggestion(client: Client, mock: MockWeChat) -> None:
    error = set_fault(client, path=TOKEN, errcode=-1, delay_second=1).json()["error"]
    assert error == "unknown field 'delay_second', did you mean 'delay_seconds'?"
    with pytest.raises(ValueError, match="did you mean 'delay_seconds'"):
        mock.fail(TOKEN, -1, delay_second=1)


def test_queue_shows_what_remains(mock: MockWeChat, client: Client) -> None:
    mock.fail(TOKEN, -1, times=3)
    client.token()
    assert client.get("/_mock/faults") == {"faults": [{"path": TOKEN, "times": 2, "errcode": -1}]}
    assert client.get("/_mock/state")["faults"] == [{"path": TOKEN, "times": 2, "errcode": -1}]


def _asked() -> dict[str, str]:
    return {"grant_type": "client_credential", "appid": OFFICIAL[0], "secret": OFFICIAL[1]}


def test_processed_call_can_get_an_error(mock: MockWeChat, client: Client) -> None:
    asked = {"appid": OFFICIAL[0], "secret": OFFICIAL[1], "grant_type": "authorization_code", "code": mock.oauth_code()}
    mock.fail("/sns/oauth2/access_token", -1, processed=True)
    first = client.get("/sns/oauth2/access_token", **asked)
    assert (first["errcode"], first["errmsg"][:20]) == (-1, "system error, rid: 6")
    assert client.get("/sns/oauth2/access_token", **asked)["errcode"] == 40163  # WECHAT.md 0.15
    mock.fail(TOKEN, status=502, processed=True)
    assert client.raw("GET", TOKEN, params=_asked()).status_code == 502
    assert len(client.get("/_mock/state")["accounts"][0]["credentials"]) == 1


def test_connection_dies_while_it_is_idle(clock: FakeClock) -> None:
    with MockWeChat(clock=clock) as mock:
        mock.fail(TOKEN, drop="idle")
        line = HTTPConnection(mock.url.removeprefix("http://"), timeout=10)
        line.request("GET", TOKEN)
        answer = line.getresponse()
        assert (answer.status, answer.getheader("Connection")) == (200, "keep-alive")
        answer.read()
        line.request("GET", TOKEN)
        with pytest.raises(RemoteDisconnected):
            line.getresponse()
        line.close()
        assert len(mock.calls()) == 1
