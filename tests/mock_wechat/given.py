"""What a reader of mock_wechat/README.md brings along: runs its Python examples with it.

`python given.py EXAMPLES.json SERVER`; SERVER is the URL of a web server that has /red.png and receives pushes.
"""

import contextlib
import io
import json
import re
import sys
import time
from pathlib import Path

import requests

from mock_wechat import MINI, OFFICIAL, WEB, Account, MockWeChat


class Server:
    """The reader's server: gets a token when it starts, checks media."""

    def __init__(self, environment: dict[str, str]) -> None:
        self.base = environment["WECHAT_API_BASE"]
        asked = {"grant_type": "client_credential", "appid": MINI.appid, "secret": MINI.secret}
        self.token = requests.post(f"{self.base}/cgi-bin/stable_token", json=asked, timeout=5).json()["access_token"]

    def check(self, url: str) -> str:
        body = {"media_url": url, "media_type": 2, "version": 2, "scene": 1, "openid": self.openid}
        answer = requests.post(f"{self.base}/wxa/media_check_async?access_token={self.token}", json=body, timeout=5)
        return str(answer.json()["trace_id"])

    openid = ""


class Clock:
    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now

    def advance(self, seconds: float) -> None:
        self.now += seconds


def run(code: str, receiver: str) -> None:
    """Run one example: what it prints and raises is what its comments say."""
    prints = re.findall(r"^ *print\(.*\)  # (.*)$", code, re.MULTILINE)
    raises = re.findall(r"  # raises (\w+\.)?(\w+)", code)
    output, raised = io.StringIO(), ""
    mini = Account(MINI.appid, MINI.secret, "mini", push_url=f"{receiver}/push")
    with MockWeChat(accounts=(OFFICIAL, mini, WEB), still=True) as mock:
        server = Server(mock.environment)
        server.openid = mock.openid(MINI.appid)
        own = {"my_fake_clock": Clock(), "create_app": Server, "my_server": server, "url": "http://localhost/"}
        config = {"appId": OFFICIAL.appid, "timestamp": 1, "nonceStr": "n", "signature": "s"}
        account = {"appid": OFFICIAL.appid, "secret": OFFICIAL.secret, "kind": OFFICIAL.kind, "config": config}
        try:
            with contextlib.redirect_stdout(output):
                exec(compile(code, "README.md", "exec"), {"mock": mock, "MINI": MINI, "WEB": WEB, **own, **account})  # noqa: S102 -- the README's own
        except requests.RequestException as error:
            raised = type(error).__name__
    assert (output.getvalue().splitlines(), raised) == (prints, raises[0][1] if raises else ""), code


if __name__ == "__main__":
    examples = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    for example in examples:
        run(example, sys.argv[2])
    sys.stdout.write(f"{len(examples)} examples\n")
