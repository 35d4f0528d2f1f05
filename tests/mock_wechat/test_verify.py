"""/_mock/verify: whether a phone would accept a signature, and the mistake if not."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from mock_wechat import MockWeChat
from mock_wechat.control.verify import Signed

from .client import OFFICIAL, Client, FakeClock

OTHER = ("wx00000000000000bb", "mock-other-secret")
PAGE = "http://127.0.0.1:8000/%E4%B8%AD?a=1&b=x%2By"
VECTORS = Path(__file__).parents[1] / "vectors" / "jssdk_signature.json"


def sha1(ticket: str, url: str) -> str:
    string1 = f"jsapi_ticket={ticket}&noncestr=Wm3WZYTPz0wzccnW&timestamp=1414587457&url={url}"
    return hashlib.sha1(string1.encode()).hexdigest()


def verify(client: Client, signature: str, url: str = PAGE, appid: str = OFFICIAL[0]) -> Any:
    return client.get(
        "/_mock/verify", appid=appid, timestamp=1414587457, nonceStr="Wm3WZYTPz0wzccnW", signature=signature, url=url
    )


@pytest.fixture
def ticket(client: Client) -> str:
    value: str = client.getticket(client.token()["access_token"])["ticket"]
    return value


def test_right_signature_is_valid(client: Client, ticket: str) -> None:
    assert verify(client, sha1(ticket, PAGE)) == {"valid": True}


def test_ticket_works_on_in_its_grace_and_no_longer(client: Client, ticket: str, clock: FakeClock) -> None:
    clock.advance(7499)
    client.getticket(client.token()["access_token"])
    assert verify(client, sha1(ticket, PAGE)) == {"valid": True}
    clock.advance(1)
    answer = verify(client, sha1(ticket, PAGE))
    assert answer["reason"] == "old_ticket"
    clock.advance(60)
    assert "generation 1" in verify(client, sha1(ticket, PAGE))["detail"]
    assert "60 s" in verify(client, sha1(ticket, PAGE))["detail"]


def test_another_accounts_ticket(mock: MockWeChat, client: Client, ticket: str) -> None:
    mock.add_account(*OTHER, js_domains=["127.0.0.1"])
    answer = verify(client, sha1(ticket, PAGE), appid=OTHER[0])
    assert answer["reason"] == "other_account"
    assert OFFICIAL[0] in answer["detail"]


@pytest.mark.parametrize(
    ("signed", "url", "reason", "word"),
    [
        (PAGE + "#top", PAGE + "#top", "fragment_left_in", "#fragment"),
        ("http://127.0.0.1:8000/中?a=1&b=x+y", PAGE, "url_decoded", "once more"),
        ("http%3A%2F%2F127.0.0.1%3A8000%2F%25E4%25B8%25AD%3Fa%3D1%26b%3Dx%252By", PAGE, "no_match", "percent-encoded"),
        (PAGE + "/", PAGE, "no_match", "slash"),
        ("http://localhost:8000", "http://localhost:8000/", "no_match", "without the slash"),
        ("http://127.0.0.1:8000/%E4%B8%AD", PAGE, "no_match", "query"),
        ("https://elsewhere.example/", PAGE, "no_match", "own address"),
    ],
)
def test_misread_url_is_named(client: Client, ticket: str, signed: str, url: str, reason: str, word: str) -> None:
    answer = verify(client, sha1(ticket, signed), url=url)
    assert (answer["valid"], answer["reason"]) == (False, reason)
    assert word in answer["detail"]


def test_wx_card_ticket_is_the_wrong_kind(client: Client) -> None:
    card = client.getticket(client.token()["access_token"], "wx_card")["ticket"]
    answer = verify(client, sha1(card, PAGE))
    assert (answer["reason"], "wx_card" in answer["detail"]) == ("no_match", True)


def test_account_without_a_ticket(client: Client) -> None:
    answer = verify(client, sha1("None", PAGE))
    assert (answer["reason"], "getticket was never called" in answer["detail"]) == ("no_match", True)


def test_detail_never_shows_the_ticket(client: Client, ticket: str, clock: FakeClock) -> None:
    clock.advance(9000)
    for signed in (PAGE, PAGE + "/", "x"):
        assert ticket not in json.dumps(verify(client, sha1(ticket, signed)))


@pytest.mark.parametrize(
    ("domains", "url", "listed"),
    [
        (["h5.example.com"], "https://h5.example.com/a?b", True),
        (["h5.example.com"], "https://H5.EXAMPLE.com/", True),
        (["h5.example.com"], "https://h5.example.com:8443/", False),
        (["h5.example.com"], "https://evil-h5.example.com/", False),
        (["h5.example.com"], "https://h5.example.com.evil.org/", False),
        (["h5.example.com"], "ftp://h5.example.com/", False),
        (["h5.example.com"], "https://h5.example.com:port/", False),
        (["h5.example.com/shop"], "https://h5.example.com/shop/1", True),
        (["h5.example.com/shop"], "https://h5.example.com/shopping", False),
        (["*.example.com"], "https://h5.example.com/", True),
        (["*.example.com"], "https://example.com/", False),
        (["localhost"], "http://localhost:5173/", True),
        (["[::1]"], "http://[::1]:8000/", True),
        (["localhost:8000"], "http://localhost:8001/", False),
        ([], "https://h5.example.com/", False),
    ],
)
def test_domain_must_be_listed(mock: MockWeChat, client: Client, domains: list[str], url: str, listed: bool) -> None:
    mock.add_account(*OFFICIAL, js_domains=domains)
    ticket = client.getticket(client.token()["access_token"])["ticket"]
    answer = verify(client, sha1(ticket, url), url=url)
    assert answer == {"valid": True} if listed else answer["reason"] == "domain_not_listed"


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text("utf-8")), ids=lambda vector: vector["name"])
def test_published_signatures_match(vector: dict[str, Any]) -> None:
    signed = Signed("wx", str(vector["timestamp"]), vector["noncestr"], vector["signature"], vector["url"])
    assert signed.matches(vector["jsapi_ticket"], signed.page)
    assert not signed.matches(vector["jsapi_ticket"] + "x", signed.page)
