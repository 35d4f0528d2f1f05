"""The bytes on the line, by WECHAT.md 0."""

import re

from mock_wechat import MockWeChat
from mock_wechat.quirks import error_payload
from mock_wechat.wire import compact

from .client import MINI, NOW, OFFICIAL, Client

RID = r"[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}"


def test_published_length_of_an_sns_error() -> None:
    rid = "653f6a60-70851a2e-4e50da8d"
    assert len(compact(error_payload(40029, "invalid code", "/sns/oauth2/access_token", rid))) == 74  # WECHAT.md 0.4


def test_cgi_bin_error_has_no_comma_before_its_rid(client: Client) -> None:
    rid = "653f6a60-70851a2e-4e50da8d"
    body = compact(error_payload(48001, "api unauthorized", "/wxa/img_sec_check", rid))
    assert body == f'{{"errcode":48001,"errmsg":"api unauthorized rid: {rid}"}}'
    answer = client.raw("GET", "/cgi-bin/ticket/getticket", params={"access_token": client.token(MINI)["access_token"]})
    assert len(answer.content) == len(body) == 77


def test_rid_begins_with_the_time(client: Client) -> None:
    first, second = (client.get("/cgi-bin/token")["errmsg"].split("rid: ")[1] for _ in range(2))
    assert re.fullmatch(RID, first)
    assert int(first[:8], 16) == NOW
    assert first != second


def test_success_has_no_rid_and_chinese_stays_chinese(mock: MockWeChat, client: Client) -> None:
    mock.fail("/cgi-bin/token", 89503)
    answer = client.raw("GET", "/cgi-bin/token")
    assert "此次调用需要管理员确认，请耐心等候 rid: ".encode() in answer.content
    assert b"rid" not in client.raw("POST", "/cgi-bin/stable_token", json=_asked()).content


def test_headers_have_no_server_name(client: Client) -> None:
    assert list(client.raw("GET", "/cgi-bin/token").headers) == [
        "Connection", "Content-Type", "Date", "Content-Length",
    ]  # fmt: skip


def test_head_has_no_body(client: Client) -> None:
    answer = client.raw("HEAD", "/cgi-bin/token")
    assert (answer.content, int(answer.headers["Content-Length"]) > 0) == (b"", True)


def _asked() -> dict[str, str]:
    return {"grant_type": "client_credential", "appid": OFFICIAL[0], "secret": OFFICIAL[1]}
