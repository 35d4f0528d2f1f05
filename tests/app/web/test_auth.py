"""API keys at the endpoints."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from app import create_app
from app.accounts import SCOPES
from app.web.openapi.document import stated
from tests.app.web.conftest import KEYS, problem


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
def test_without_a_known_key_it_is_401(client: FlaskClient, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    response = client.post("/api/moderation/text", headers=headers, data="{")
    document = problem(response, 401, "key-required")
    assert response.headers["WWW-Authenticate"] == "Bearer"
    assert KEYS["everything"] not in str(document)


def test_each_scope_opens_its_own_endpoints(environment: dict[str, str]) -> None:
    scopes = {scope: f"a-key-for-everything-but-{scope}" for scope in SCOPES}
    listed = ",".join(f"{name}:{'+'.join(sorted({*SCOPES} - {name}))}={key}" for name, key in scopes.items())
    app = create_app(environment | {"WECHAT_API_KEYS": listed, "WECHAT_SECRET_KEY": "5ecre7" * 6})
    client = app.test_client()
    guarded = [endpoint for _, endpoint, _ in stated(app) if endpoint.scope]
    assert len(guarded) >= 12
    for endpoint in guarded:
        assert endpoint.scope
        response = client.open(
            endpoint.path, method=endpoint.method, headers={"Authorization": f"Bearer {scopes[endpoint.scope]}"}
        )
        assert f"has no scope {endpoint.scope}." in problem(response, 403, "key-not-allowed")["detail"]


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER"])
def test_scheme_is_case_insensitive(client: FlaskClient, scheme: str) -> None:
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
