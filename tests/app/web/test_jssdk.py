"""The signature endpoint, as pages and their browsers see it."""

import json
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import create_environ, run_wsgi_app

from mock_wechat import MockWeChat
from tests.app.web.conftest import problem, sha1
from tests.doubles import START, FakeClock

PAGE = "https://h5.example.com/a/b?c=1&d=%E4%B8%AD"
ENDPOINT = "/api/jssdk/signature"


def signature_of(url: str) -> str:
    return f"{ENDPOINT}?url={quote(url, safe='')}"


def ticket_of(wechat: MockWeChat) -> str:
    """The jsapi_ticket, as WeChat sees it."""
    (call,) = wechat.calls("/cgi-bin/ticket/getticket")
    assert call.answer
    return call.answer.split('"ticket":"')[1].split('"')[0]


def test_signature_is_the_argument_of_wx_config(client: FlaskClient, wechat: MockWeChat) -> None:
    response = client.get(signature_of(PAGE + "#part"))
    string1 = f"jsapi_ticket={ticket_of(wechat)}&noncestr=Wm3WZYTPz0wzccnW&timestamp={int(START)}&url={PAGE}"
    assert response.status_code == 200
    assert response.json == {
        "appId": "wx0000000000000001",
        "timestamp": int(START),
        "nonceStr": "Wm3WZYTPz0wzccnW",
        "signature": sha1(string1),
        "url": PAGE,
    }


def test_post_and_get_agree_whatever_the_content_type(client: FlaskClient) -> None:
    body = json.dumps({"url": PAGE})
    for content_type in ("application/json", "text/plain", "application/x-www-form-urlencoded", "image/png"):
        assert client.post(ENDPOINT, data=body, content_type=content_type).json == client.get(signature_of(PAGE)).json


def test_answer_is_never_cached(client: FlaskClient) -> None:
    assert client.get(signature_of(PAGE)).headers["Cache-Control"] == "no-store"
    assert client.get(ENDPOINT).headers["Cache-Control"] == "no-store"


def test_page_outside_the_js_domains_is_refused(client: FlaskClient) -> None:
    problem(client.get(signature_of("https://evil.example.com/")), 403, "url-not-allowed")
    problem(client.get(signature_of("https://shop.example.com/h5x")), 403, "url-not-allowed")


def test_named_account_must_have_the_page(client: FlaskClient) -> None:
    assert client.get(signature_of(PAGE) + "&account=default").status_code == 200
    assert client.get(signature_of(PAGE) + "&account=wx0000000000000001").status_code == 200
    problem(client.get(signature_of(PAGE) + "&account=mini"), 403, "url-not-allowed")
    problem(client.get(signature_of(PAGE) + "&account=unknown"), 404, "account-unknown")


def test_url_cut_at_an_ampersand_is_400_with_advice(client: FlaskClient) -> None:
    response = client.get(ENDPOINT + "?url=https://h5.example.com/?a=1&b=2")
    assert "encode url with encodeURIComponent" in problem(response, 400, "parameter-wrong")["detail"]


def test_url_encoded_twice_or_with_a_space_is_400_with_advice(client: FlaskClient) -> None:
    twice = client.get(signature_of(quote(PAGE, safe="")))
    assert "encoded twice" in problem(twice, 400, "url-wrong")["detail"]
    space = client.get(ENDPOINT + "?url=https://h5.example.com/a+b")
    assert "%2B" in problem(space, 400, "url-wrong")["detail"]


# Browsers -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("origin", ["https://h5.example.com", "http://localhost:8000", "https://shop.example.com"])
def test_page_of_ours_may_read_the_answer(client: FlaskClient, origin: str) -> None:
    headers = client.get(signature_of(PAGE), headers={"Origin": origin}).headers
    assert headers["Access-Control-Allow-Origin"] == origin
    assert headers["Access-Control-Expose-Headers"] == "Retry-After, X-Request-ID"


@pytest.mark.parametrize("origin", ["https://evil.com", "null", "https://h5.example.com.evil.org", "*", "", "\u00e4"])
def test_page_of_others_may_not(client: FlaskClient, origin: str) -> None:
    for response in (client.get(signature_of(PAGE), headers={"Origin": origin}), client.options(ENDPOINT)):
        assert not [name for name, _ in response.headers if name.startswith("Access-Control")]


def test_answers_differ_by_origin_and_say_so(client: FlaskClient) -> None:
    answers = [
        client.get(signature_of(PAGE)),
        client.get(ENDPOINT),
        client.put(ENDPOINT),
        client.get("/api/jssdk/nothing"),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 405, 404]
    assert [answer.headers["Vary"] for answer in answers] == ["Origin"] * 4


def test_page_of_ours_may_read_errors_too(client: FlaskClient) -> None:
    response = client.get(signature_of("https://evil.com/"), headers={"Origin": "https://h5.example.com"})
    assert response.status_code == 403
    assert response.headers["Access-Control-Allow-Origin"] == "https://h5.example.com"


def test_preflight_allows_the_requests_of_pages(client: FlaskClient) -> None:
    headers = {
        "Origin": "https://h5.example.com",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "content-type",
    }
    response = client.options(ENDPOINT, headers=headers)
    assert response.status_code == 204
    assert response.headers["Access-Control-Allow-Origin"] == "https://h5.example.com"
    assert "POST" in response.headers["Access-Control-Allow-Methods"]
    assert "Content-Type" in response.headers["Access-Control-Allow-Headers"]


# Time -----------------------------------------------------------------------------------------------------------------


def test_signature_after_expiry_is_valid_and_costs_one_refetch_each(
    client: FlaskClient, wechat: MockWeChat, clock: FakeClock
) -> None:
    first = client.get(signature_of(PAGE)).json
    clock.advance(10_000)
    second = client.get(signature_of(PAGE)).json
    assert first
    assert second
    assert first["signature"] != second["signature"]
    assert len(wechat.calls("/cgi-bin/stable_token")) == 2
    assert len(wechat.calls("/cgi-bin/ticket/getticket")) == 2


# Anything -------------------------------------------------------------------------------------------------------------


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.one_of(st.binary(), st.text().map(lambda text: b"url=" + quote(text, errors="replace").encode())))
def test_no_query_is_a_500(app: Flask, query: bytes) -> None:
    environ = create_environ(ENDPOINT)
    environ["QUERY_STRING"] = query.decode("latin-1")
    body, status, headers = run_wsgi_app(app, environ)
    assert int(status[:3]) in (400, 403, 404), b"".join(body)
    assert headers["Content-Type"] == "application/problem+json"
