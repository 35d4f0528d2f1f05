"""Whatever a caller sends: a 4xx problem document that says what is wrong, and never a 500."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.routes.conftest import KEYS, problem

SIGNATURE, TOKEN, TEXT = "/api/jssdk/signature", "/api/access_token", "/api/moderation/text"
GOOD = {"Authorization": f"Bearer {KEYS['everything']}"}
URL = "https%3A%2F%2Fh5.example.com%2F"

Row = tuple[str, str, dict[str, Any], int, str, str]

TABLE: list[Row] = [
    ("GET", SIGNATURE, {}, 400, "parameter-wrong", "url is missing"),
    ("GET", f"{SIGNATURE}?url=", {}, 400, "parameter-wrong", "url is empty"),
    ("GET", f"{SIGNATURE}?url={URL}&url={URL}", {}, 400, "parameter-wrong", "url is given twice"),
    ("GET", f"{SIGNATURE}?url=%2Fpage", {}, 400, "url-wrong", "absolute"),
    ("GET", f"{SIGNATURE}?url=javascript%3Aalert(1)", {}, 400, "url-wrong", "http"),
    ("GET", f"{SIGNATURE}?url=https%3A%2F%2Fuser%40h5.example.com%2F", {}, 400, "url-wrong", "user info"),
    ("GET", f"{SIGNATURE}?url={URL}&account=nobody", {}, 404, "account-unknown", "nobody"),
    ("GET", f"{SIGNATURE}?url={URL}%ff", {}, 400, "parameter-wrong", "UTF-8"),
    ("POST", SIGNATURE, {"data": '{"url":"https://h5.example.com/%s"}' % ("a" * 5000)}, 400, "url-wrong", "2048"),
    (
        "POST",
        SIGNATURE,
        {"data": '{"url":"https://h5.example.com/%s"}' % ("a" * 100_000)},
        413,
        "body-too-large",
        "8192",
    ),
    ("POST", SIGNATURE, {"data": '{"url":7}'}, 400, "parameter-wrong", "must be a string"),
    ("POST", SIGNATURE, {"data": '{"url":"https://h5.example.com/",}'}, 400, "parameter-wrong", "not JSON"),
    ("POST", SIGNATURE, {"data": b'{"url":"\xff"}'}, 400, "parameter-wrong", "not UTF-8"),
    ("POST", SIGNATURE, {"data": '["https://h5.example.com/"]'}, 400, "parameter-wrong", "object"),
    ("POST", f"{SIGNATURE}?url={URL}", {"data": "{}"}, 400, "parameter-wrong", "JSON body"),
    ("DELETE", SIGNATURE, {}, 405, "method-not-allowed", "POST"),
    ("POST", "/readyz", {}, 405, "method-not-allowed", "GET"),
    ("GET", TEXT, {"headers": GOOD}, 405, "method-not-allowed", "POST"),
    ("GET", "/api", {}, 404, "not-found", "nothing"),
    ("GET", "/api/%ff", {}, 404, "not-found", "nothing"),
    ("GET", TOKEN, {}, 401, "key-required", "Bearer"),
    ("GET", TOKEN, {"headers": {"Authorization": "Bearer wrong"}}, 401, "key-required", "does not know"),
    ("GET", TOKEN, {"headers": {"Authorization": "Bearer 密钥"}}, 401, "key-required", "does not know"),
    ("GET", TOKEN, {"headers": {"Authorization": f"Bearer {KEYS['moderator']}"}}, 403, "key-not-allowed", "token"),
    ("GET", f"{TOKEN}?account=nobody", {"headers": GOOD}, 404, "account-unknown", "nobody"),
    ("GET", f"{TOKEN}?account=", {"headers": GOOD}, 400, "parameter-wrong", "account is empty"),
    ("GET", f"{TOKEN}?acount=mini", {"headers": GOOD}, 400, "parameter-wrong", "'acount' is unknown"),
    ("POST", TEXT, {"headers": GOOD, "data": "{}"}, 400, "parameter-wrong", "content is missing"),
    ("POST", TEXT, {"headers": GOOD, "data": '{"content":""}'}, 400, "parameter-wrong", "content is empty"),
    ("POST", TEXT, {"headers": GOOD, "data": '{"content":["x"]}'}, 400, "parameter-wrong", "must be a string"),
    (
        "POST",
        f"{TOKEN}/refresh",
        {"headers": GOOD, "data": '{"rejected":"\\udfff"}'},
        400,
        "parameter-wrong",
        "surrogate",
    ),
    ("POST", TEXT, {"headers": GOOD, "data": {"content": "x"}}, 400, "parameter-wrong", "not JSON"),
    ("POST", f"{TOKEN}/refresh", {"headers": GOOD, "data": '{"rejected":null}'}, 400, "parameter-wrong", "string"),
]


@pytest.mark.parametrize(("method", "path", "request_", "status", "slug", "said"), TABLE)
def test_bad_input_is_told_what_is_wrong(
    client: FlaskClient, method: str, path: str, request_: dict[str, Any], status: int, slug: str, said: str
) -> None:
    document = problem(client.open(path, method=method, **request_), status, slug)
    assert said in document["detail"]


@pytest.mark.parametrize("host", ["", "[", "a b", "h\u00e4", "x" * 5000, "evil.com:notaport"])
def test_host_header_may_be_nonsense(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code in (200, 400)
