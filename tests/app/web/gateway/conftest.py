"""Keys for the gateway, and an SDK that uses one of them as its AppSecret."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from mock_wechat import MINI, OFFICIAL

SECRET_KEY = "a-secret-key-of-the-gateways-tests"
KEYS = {
    name: f"{name}-{name}-gateway-key-of-tests"
    for name in ("sdk", "operator", "manager", "checker", "ticketer", "shop", "sns", "tokens")
}
_TABLES = {
    "sdk": 'scopes = ["gateway", "sns"]',
    "operator": 'scopes = ["gateway", "ops"]',
    "manager": 'scopes = ["gateway"]\ngroups = ["manage"]',
    "checker": 'scopes = ["gateway"]\npaths = ["/wxa/*"]',
    "ticketer": 'scopes = ["gateway"]\nmin_expires_in = 1800',
    "shop": 'scopes = ["gateway"]\naccounts = ["mini"]',
    "sns": 'scopes = ["sns"]',
    "tokens": 'scopes = ["token"]',
}
CHECK, TICKET = "/wxa/msg_sec_check", "/cgi-bin/ticket/getticket"
PHONE, MENU = "/wxa/business/getuserphonenumber", "/cgi-bin/menu/create"


@pytest.fixture
def environment(environment: dict[str, str], tmp_path: Path) -> dict[str, str]:
    file = tmp_path / "keys.toml"
    file.write_text("\n".join(f'[keys.{name}]\nkey = "{KEYS[name]}"\n{table}' for name, table in _TABLES.items()))
    return {**environment, "WECHAT_CONFIG": str(file), "WECHAT_SECRET_KEY": SECRET_KEY}


class Sdk:
    """What SDKs of WeChat do: ask for a token with appid and secret, then send it in each query."""

    def __init__(self, app: Flask, key: str = "sdk", appid: str = MINI.appid) -> None:
        self.client = app.test_client()
        self.secret = KEYS[key]
        self.bearer = {"Authorization": f"Bearer {self.secret}"}
        self.appid = appid
        self.token = ""

    @property
    def asking(self) -> dict[str, str]:
        """The parameters of a call for a token."""
        return {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}

    def log_in(self) -> "Sdk":
        """Ask for a token and keep it."""
        self.token = self.client.get("/cgi-bin/token", query_string=self.asking).get_json()["access_token"]
        return self

    def get(self, path: str, **query: str) -> TestResponse:
        return self.client.get(path, query_string={"access_token": self.token, **query}, buffered=True)

    def post(self, path: str, document: Any = None, **more: Any) -> TestResponse:
        if document is not None:
            more["data"] = json.dumps(document, ensure_ascii=False)
        return self.client.post(path, query_string={"access_token": self.token}, buffered=True, **more)

    def check(self) -> TestResponse:
        """A call that works with any content."""
        return self.post(CHECK, {"content": "你好"})


def document(response: TestResponse) -> Any:
    """The JSON of an answer, whatever its Content-Type says: below /sns it is text/plain."""
    return json.loads(response.data)


@pytest.fixture
def sdk(app: Flask) -> Callable[..., Sdk]:
    """Makes SDKs with a token: `sdk("shop", OFFICIAL.appid)`."""
    return lambda *given: Sdk(app, *given).log_in()


def refused(response: TestResponse, errcode: int) -> str:
    """The errmsg of the gateway's own answer, after the checks that apply to all."""
    assert response.status_code == 200, response.data
    assert response.content_type == "application/json"
    document = response.get_json()
    assert list(document) == ["errcode", "errmsg"]
    assert document["errcode"] == errcode, document
    assert "gateway" in document["errmsg"]
    assert not any(secret in response.text for secret in (*KEYS.values(), MINI.secret, OFFICIAL.secret, SECRET_KEY))
    return str(document["errmsg"])
