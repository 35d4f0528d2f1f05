"""Paths that an SDK calls and the mock does not know answer as WeChat answers a path that it does not know."""

import re

import pytest
import requests

from mock_wechat import OFFICIAL, MockWeChat
from mock_wechat.api import ENDPOINTS
from tests.sdks.scripts import NODE_MODULES

PATH = re.compile(r"\.endpoint \+ '(/[\w/-]+)\?access_token=")


@pytest.mark.usefixtures("installed")
def test_first_fifty_unknown_paths_of_an_sdk() -> None:
    sources = sorted((NODE_MODULES / "wechat-api" / "lib").glob("*.js"))
    paths = dict.fromkeys(path for source in sources for path in PATH.findall(source.read_text("utf-8")))
    unknown = [path for path in paths if path not in ENDPOINTS][:50]
    assert len(unknown) == 50
    with MockWeChat() as mock, requests.Session() as session:
        asked = {"grant_type": "client_credential", "appid": OFFICIAL.appid, "secret": OFFICIAL.secret}
        good = session.get(f"{mock.url}/cgi-bin/token", params=asked).json()["access_token"]

        def answered(path: str, token: str) -> int:
            answer = session.post(mock.url + path, params={"access_token": token}, json={})
            return int(answer.json()["errcode"]) if answer.status_code == 200 else -answer.status_code

        assert {answered(path, good) for path in unknown} == {40066}
        assert {answered(path, "bad") for path in unknown} == {40001}
