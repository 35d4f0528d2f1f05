"""Who is let in."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from tests.app.routes.conftest import KEYS, problem

DOORS = [
    ("GET", "/api/access_token"),
    ("POST", "/api/access_token/refresh"),
    ("GET", "/api/jsapi_ticket"),
    ("POST", "/api/jsapi_ticket/refresh"),
    ("POST", "/api/moderation/text"),
    ("POST", "/api/moderation/image"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        f"Basic {KEYS['everything']}",
        KEYS["everything"],
        f"Bearer {KEYS['everything']}x",
        f"Bearer {KEYS['everything']} {KEYS['everything']}",
        "Bearer 密钥密钥密钥密钥密钥密钥密钥密钥密钥密钥密钥密钥",
        "Bearer " + "密钥".encode().decode("latin-1") * 12,
        "Bearer " + "x" * 8000,
    ],
)
def test_without_a_good_key_the_door_stays_closed(
    client: FlaskClient, method: str, path: str, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = client.open(path, method=method, headers=headers, data="{")
    document = problem(response, 401, "key-required")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert KEYS["everything"] not in str(document)


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_may_be_written_as_one_likes(client: FlaskClient, scheme: str) -> None:
    response = client.get("/api/access_token", headers={"Authorization": f"{scheme}   {KEYS['reader']}"})
    assert response.status_code == 200


def test_key_is_asked_for_before_the_body_is_read(client: FlaskClient) -> None:
    problem(
        client.post("/api/moderation/image", data=b"x", headers={"Content-Length": "99999999999"}), 401, "key-required"
    )


def test_no_keys_configured_means_closed(environment: dict[str, str]) -> None:
    del environment["WECHAT_API_KEYS"]
    client = create_app(environment).test_client()
    response = client.get("/api/access_token", headers={"Authorization": "Bearer " + "x" * 24})
    problem(response, 401, "key-required")


def test_key_for_one_account_opens_no_other(environment: dict[str, str], tmp_path: Path) -> None:
    toml = tmp_path / "wechat.toml"
    toml.write_text('[keys.narrow]\nkey = "narrow-narrow-narrow-key"\nscopes = ["token", "ops"]\naccounts = ["mini"]\n')
    client = create_app({**environment, "WECHAT_CONFIG": str(toml)}).test_client()
    headers = {"Authorization": "Bearer narrow-narrow-narrow-key"}
    assert client.get("/api/access_token?account=mini", headers=headers).status_code == 200
    problem(client.get("/api/access_token", headers=headers), 403, "key-not-allowed")
    problem(client.get("/readyz?account=default", headers=headers), 403, "key-not-allowed")
    accounts = client.get("/readyz", headers=headers).get_json()["accounts"]
    assert [account["account"] for account in accounts] == ["mini"]
