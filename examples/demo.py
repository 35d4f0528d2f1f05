"""Print where the demo is, once it answers: `python examples/demo.py SERVER MOCK KEY`, right before gunicorn starts.

Exit with 1 if the server's port is taken; else at once, and print from the background.
"""

import errno
import os
import socket
import sys
import time
from collections.abc import Sequence
from urllib.error import URLError
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

_START_SECONDS = 30
_RED_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC"
"""a PNG; the mock finds pure red pictures risky"""
_OPENID = "o-SfqYy-k0DurzOt87NQ_J8ZO1ZM"
"""one of the mock's users, as the demo's mini program knows them"""
_RISKY_TEXT = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"
"""WeChat's own test string (WECHAT.md 3.1)"""


def welcome(server: str, mock: str, demo_key: str) -> str:
    """The text. `server` and `mock` are URLs without a slash at the end."""
    lines = [
        "",
        "The server is up, with a mock in WeChat's place. Ctrl-C stops both.",
        "",
        f"  page     {server}/",
        f"  server   {server}",
        f"  mock     {mock}/_mock/",
        f"  API key  {demo_key} (made for this run; it has every scope)",
        "",
        "Try:",
        "",
        *(f"  {line}" for line in examples(server, demo_key)),
        "",
    ]
    return "\n".join(lines) + "\n"


def examples(server: str, demo_key: str) -> Sequence[str]:
    """One command for each endpoint, to paste into a shell."""
    page = quote(f"{server}/", safe="")
    signed = f"curl -s '{server}/api/jssdk/signature?url={page}'"
    with_key = f"curl -H 'Authorization: Bearer {demo_key}'"
    rejected = """-d '{"rejected":"what WeChat refused"}'"""
    return (
        signed,
        f"""{with_key} {server}/api/jssdk/diagnose -d "$({signed})\"""",
        f"""curl {server}/api/jssdk/refused -d "$({signed})\"""",
        f"{with_key} {server}/api/access_token",
        f"{with_key} {server}/api/access_token/refresh {rejected}",
        f"{with_key} {server}/api/jsapi_ticket",
        f"{with_key} {server}/api/jsapi_ticket/refresh {rejected}",
        f"""{with_key} {server}/api/moderation/text -d '{{"content":"{_RISKY_TEXT}"}}'""",
        f"""{with_key} {server}/api/moderation/text/batch -d '{{"items":[{{"content":"{_RISKY_TEXT}"}}]}}'""",
        f"echo {_RED_PIXEL} | base64 -d | {with_key} {server}/api/moderation/image --data-binary @-",
        f"""{with_key} {server}/api/moderation/media -d '{{"media_url":"{server}/static/red.png","""
        f""""media_type":2,"openid":"{_OPENID}","scene":1}}'""",
        f"curl {server}/healthz",
        f"{with_key} {server}/readyz",
    )


def main(server: str, mock: str, demo_key: str) -> None:
    """Check the port, then wait for the server in a process of its own."""
    port = urlsplit(server).port or 80
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((urlsplit(server).hostname or "", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                sys.exit(f"Port {port} is taken. Stop what listens there, or choose another: make run PORT={port + 1}")
            raise
    if os.fork() == 0 and _answers(f"{server}/healthz", time.monotonic() + _START_SECONDS):
        sys.stdout.write(welcome(server, mock, demo_key))


def _answers(url: str, until: float) -> bool:
    while time.monotonic() < until:
        try:
            with urlopen(url, timeout=5):  # noqa: S310 -- http, on loopback
                return True
        except URLError:
            time.sleep(0.1)
    return False


if __name__ == "__main__":
    main(*sys.argv[1:])
