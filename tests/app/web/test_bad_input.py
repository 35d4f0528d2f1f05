"""Bad requests: a 4xx problem document that says what is wrong."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.app.web.conftest import KEYS, problem

SIGNATURE, TOKEN, TEXT = "/api/jssdk/signature", "/api/access_token", "/api/moderation/text"
GOOD = {"Authorization": f"Bearer {KEYS['everything']}"}
URL = "https%3A%2F%2Fh5.example.com%2F"

Row = tuple[str, str, dict[str, Any], int, str, str]

TABLE: list[Row] = [
    ("GET", SIGNATURE, {}, 400, "parameter-wrong", "url is missing"),
    ("GET", f"{SIGNATURE}?url={URL}&url={URL}", {}, 400, "parameter-wrong", "url is given twice"),
    ("GET", f"{SIGNATURE}?url=%2Fpage", {}, 400, "url-wrong", "absolute"),
    ("GET", f"{SIGNATURE}?url=javascript%3Aalert(1)", {}, 400, "url-wrong", "http"),
    ("GET", f"{SIGNATURE}?url=https%3A%2F%2Fuser%40h5.example.com%2F", {}, 400, "url-wrong", "user info"),
    ("POST", SIGNATURE, {"data": '{"url":"https://h5.example.com/%s"}' % ("a" * 5000)}, 400, "url-wrong", "2048"),
    ("POST", f"{SIGNATURE}?url={URL}", {"data": "{}"}, 400, "parameter-wrong", "JSON body"),
    ("POST", "/readyz", {}, 405, "method-not-allowed", "GET"),
    ("GET", TEXT, {"headers": GOOD}, 405, "method-not-allowed", "POST"),
    ("GET", "/api/%ff", {}, 404, "not-found", "nothing"),
    ("GET", f"{TOKEN}?account=unknown", {"headers": GOOD}, 404, "account-unknown", "unknown"),
    ("GET", f"{TOKEN}?acount=mini", {"headers": GOOD}, 400, "parameter-wrong", "'acount' is unknown"),
    ("POST", TEXT, {"headers": GOOD, "data": {"content": "x"}}, 400, "parameter-wrong", "not JSON"),
]


@pytest.mark.parametrize(("method", "path", "request_", "status", "slug", "said"), TABLE)
def test_bad_input_is_a_4xx_with_a_reason(
    client: FlaskClient, method: str, path: str, request_: dict[str, Any], status: int, slug: str, said: str
) -> None:
    document = problem(client.open(path, method=method, **request_), status, slug)
    assert said in document["detail"]


@pytest.mark.parametrize("host", ["", "[", "a b", "h\u00e4", "x" * 5000, "evil.com:notaport"])
def test_host_header_may_be_nonsense(client: FlaskClient, host: str) -> None:
    assert client.get("/healthz", headers={"Host": host}).status_code in (200, 400)
