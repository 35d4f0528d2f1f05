"""The text that `mock-wechat run` prints once the server answers: addresses, API key, examples."""

import threading
import urllib.request
from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import quote

from .state.accounts import MINI, OFFICIAL
from .state.users import PEOPLE
from .state.words import TEST_STRINGS

WAIT_SECONDS = 60
_RED_PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC"
"""A PNG; the mock judges pure red images as risky."""


def wait_until_healthy(server: str, ended: threading.Event) -> bool:
    """Poll /healthz until it answers 200; False if the command ends first, or after a minute."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(WAIT_SECONDS * 10):
        try:
            with opener.open(f"{server}/healthz", timeout=1) as answer:
                return bool(answer.status == HTTPStatus.OK)
        except OSError:
            if ended.wait(0.1):
                return False
    return False


def welcome(server: str, mock: str, key: str, origins: Sequence[str]) -> str:
    """The text; `server` and `mock` are URLs without a slash at the end."""
    lines = [
        "",
        "The server is up, with a mock in place of WeChat. Ctrl-C stops both.",
        "",
        f"  page     {server}/",
        f"  server   {server}",
        f"  mock     {mock}/_mock/",
        f"  API key  {key} (for this run, with every scope)",
        *(f"  origin   {origin} (its pages are accepted by server and mock)" for origin in origins),
        "",
        "Try:",
        "",
        *(f"  {line}" for line in examples(server, key)),
        "",
    ]
    return "\n".join(lines) + "\n"


def examples(server: str, key: str) -> Sequence[str]:
    """One shell command for each endpoint."""
    signed = f"curl -s '{server}/api/jssdk/signature?url={quote(f'{server}/', safe='')}'"
    curl = f"curl -H 'Authorization: Bearer {key}'"
    rejected = """-d '{"rejected":"the value that WeChat refused"}'"""
    risky = f'{{"content":"{TEST_STRINGS[0]}"}}'
    openid = PEOPLE[0].openid(MINI.appid)
    return (
        signed,
        f"""{curl} {server}/api/jssdk/diagnose -d "$({signed})\"""",
        f"""curl {server}/api/jssdk/refused -d "$({signed})\"""",
        f"{curl} {server}/api/access_token",
        f"{curl} {server}/api/access_token/refresh {rejected}",
        f"{curl} {server}/api/jsapi_ticket",
        f"{curl} {server}/api/jsapi_ticket/refresh {rejected}",
        f"{curl} {server}/api/moderation/text -d '{risky}'",
        f"""{curl} {server}/api/moderation/text/batch -d '{{"items":[{risky}]}}'""",
        f"echo {_RED_PIXEL} | base64 -d | {curl} {server}/api/moderation/image --data-binary @-",
        f"""{curl} {server}/api/moderation/media -d '{{"media_url":"{server}/static/red.png","""
        f""""media_type":2,"openid":"{openid}","scene":1}}'""",
        f"curl '{server}/cgi-bin/token?grant_type=client_credential&appid={OFFICIAL.appid}&secret={key}'",
        f"{curl} '{server}/cgi-bin/getcallbackip'",
        f"curl {server}/healthz",
        f"{curl} {server}/readyz",
    )
