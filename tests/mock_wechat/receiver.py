"""An account's own server: receives pushes, serves media, and answers as a test requires."""

import json
import threading
import time
from collections import deque
from typing import Any, Self

from mock_wechat.server import Server
from mock_wechat.wire import Delivery, Request, Response

SUCCESS = Response(b"success", "text/plain")


class Receiver:
    """Listens on a free port of 127.0.0.1. `answers` are given in turn, then `success`; `files` are for GET."""

    def __init__(self) -> None:
        self.answers: deque[Response] = deque()
        self.files: dict[str, Response] = {}
        self.pushes: list[Request] = []
        self.gets: list[Request] = []
        self._news = threading.Condition()
        self._server = Server(self._answer, time.time, "127.0.0.1", 0)

    def __enter__(self) -> Self:
        self._server.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.stop()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    def wait_for(self, count: int) -> None:
        """Wait until `count` pushes have come."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.pushes) >= count, timeout=30)

    def serve(self, path: str, body: bytes, status: int = 200, location: str = "", **how: Any) -> str:
        """Serve a file; returns its URL."""
        headers = {"Location": location} if location else {}
        self.files[path] = Response(body, "image/png", status, headers, Delivery(**how))
        return self.url + path

    def message(self) -> Any:
        """The last push's JSON body."""
        return json.loads(self.pushes[-1].body)

    def _answer(self, request: Request) -> Response:
        with self._news:
            if request.method == "GET":
                self.gets.append(request)
                return self.files.get(request.path, Response(b"nothing here", "text/plain", 404))
            self.pushes.append(request)
            self._news.notify_all()
            return self.answers.popleft() if self.answers else SUCCESS
