"""The other end of `scripts.py`: how a script of this folder learns what to do and tells what came of it."""

import json
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from wsgiref.simple_server import make_server
from wsgiref.types import WSGIApplication

from requests import PreparedRequest, Response
from requests.adapters import HTTPAdapter

API = "https://api.weixin.qq.com"


@dataclass(frozen=True)
class Setup:
    """The first argument, a JSON object. Without `base` the SDK calls WeChat's own address.

    `push_aes_key` is empty in plain mode.
    """

    base: str | None
    appid: str
    secret: str
    mini_appid: str
    mini_secret: str
    push_token: str
    push_aes_key: str
    folder: str


class ToBase(HTTPAdapter):
    """Sends what is for WeChat's API to a base URL."""

    def __init__(self, base: str) -> None:
        super().__init__()
        self._base = base

    def send(self, request: PreparedRequest, *how: Any, **more: Any) -> Response:
        request.url = (request.url or "").replace(API, self._base, 1)
        return super().send(request, *how, **more)


def read_setup() -> Setup:
    return Setup(**json.loads(sys.argv[1]))


def serve(play: Callable[[Mapping[str, Any]], dict[str, Any]], app: WSGIApplication) -> None:
    """Answer pushes, tell where, then play a round for each line of standard input."""
    with make_server("127.0.0.1", 0, app) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        tell({"push_url": f"http://127.0.0.1:{server.server_port}/"})
        for line in sys.stdin:
            tell(play(json.loads(line)))
        server.shutdown()


def tell(what: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()
