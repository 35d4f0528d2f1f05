"""A plain client of the mock, for its tests: it knows WeChat's paths, not the mock's internals."""

from typing import Any, Self

import requests

NOW = 1_795_225_164
"""Unix seconds at the start of a test: 2026-11-21 01:39:24 UTC, 0x6b00f64c."""

OFFICIAL = ("wx0000000000000001", "mock-official-secret")
MINI = ("wx0000000000000002", "mock-mini-secret")
WEB = ("wx0000000000000003", "mock-web-secret")


class FakeClock:
    """Unix seconds that only `advance` moves."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


class Client:
    """One keep-alive session; paths are the mock's, answers are parsed JSON unless asked for raw."""

    def __init__(self, base: str, ip: str | None = None) -> None:
        self._base = base
        self._session = requests.Session()
        self._session.trust_env = False
        if ip:
            self._session.headers["X-Mock-Client-IP"] = ip

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._session.close()

    def raw(self, method: str, path: str, **how: Any) -> requests.Response:
        return self._session.request(method, self._base + path, **{"timeout": 10, **how})

    def get(self, path: str, **query: object) -> Any:
        return self.raw("GET", path, params=query).json()

    def post(self, path: str, payload: object = None, **query: object) -> Any:
        return self.raw("POST", path, params=query, json=payload).json()

    def token(self, account: tuple[str, str] = OFFICIAL) -> Any:
        appid, secret = account
        return self.get("/cgi-bin/token", grant_type="client_credential", appid=appid, secret=secret)

    def stable_token(self, account: tuple[str, str] = OFFICIAL, **more: object) -> Any:
        appid, secret = account
        asked = {"grant_type": "client_credential", "appid": appid, "secret": secret, **more}
        return self.post("/cgi-bin/stable_token", asked)

    def getticket(self, access_token: str, kind: str = "jsapi") -> Any:
        return self.get("/cgi-bin/ticket/getticket", access_token=access_token, type=kind)

    def check_text(self, access_token: str, body: bytes) -> Any:
        return self.raw("POST", "/wxa/msg_sec_check", params={"access_token": access_token}, data=body).json()

    def errcode_of(self, access_token: str) -> int:
        """The errcode of an official account's token at a mini program's endpoint: 48001 means that it works."""
        return int(self.check_text(access_token, b'{"content":"hello"}')["errcode"])
