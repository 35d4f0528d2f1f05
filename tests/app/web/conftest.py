"""A server and a mock WeChat with one fake clock."""

import hashlib
import io
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app import create_app
from app import logging as logs
from app.services import Services, build_services
from app.settings import load_settings
from mock_wechat import MockWeChat
from tests.doubles import FakeClock

KEYS = {
    "everything": "everything-everything-key",
    "reader": "reader-reader-reader-key",
    "moderator": "moderator-moderator-key0",
}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """The log of this process, as JSON lines."""
    root, stream = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.JsonLines())
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.fixture
def environment(wechat: MockWeChat) -> dict[str, str]:
    """A test may add to this before it asks for the app."""
    return {
        **wechat.environment,
        "WECHAT_STORE_URL": "memory://",
        "WECHAT_JS_DOMAINS": "h5.example.com,localhost:8000,shop.example.com/h5",
        "WECHAT_API_KEYS": f"everything:token+ticket+moderation+oauth+session+diagnose+ops={KEYS['everything']},"
        f"reader:token={KEYS['reader']},moderator={KEYS['moderator']}",
    }


@pytest.fixture
def services(environment: dict[str, str], clock: FakeClock) -> Services:
    return build_services(load_settings(environment), clock=clock, sleep=clock.sleep, spawn=lambda work: work())


@pytest.fixture
def app(services: Services) -> Flask:
    return create_app(services=services, noncestr=lambda: "Wm3WZYTPz0wzccnW")


class Caller:
    """A business server: calls the endpoints with an API key."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Bearer {KEYS[key]}"}

    def get(self, path: str) -> TestResponse:
        return self._client.get(path, headers=self._headers)

    def post(self, path: str, document: Any = None, **more: Any) -> TestResponse:
        if document is not None:
            more["data"] = json.dumps(document)
        return self._client.post(path, headers=self._headers, **more)


@pytest.fixture
def caller(client: FlaskClient) -> Caller:
    return Caller(client, "everything")


def problem(response: TestResponse, status: int, slug: str) -> dict[str, Any]:
    """The problem document, after the checks that apply to all."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.content_type == "application/problem+json"
    document: dict[str, Any] = json.loads(response.get_data(as_text=True))
    assert document["type"] == f"/problems/{slug}"
    assert document["status"] == status
    assert document["title"]
    assert document["detail"]
    return document


def sha1(text: str) -> str:
    return hashlib.sha1(text.encode()).hexdigest()
