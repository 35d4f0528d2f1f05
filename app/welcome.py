"""What `make run` prints once server and mock answer: where they are, and one line to try for each door."""

from collections.abc import Sequence
from urllib.parse import quote

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
        f"  API key  {demo_key} (made for this run; it opens every door)",
        "",
        "Try:",
        "",
        *(f"  {line}" for line in examples(server, demo_key)),
        "",
    ]
    return "\n".join(lines) + "\n"


def examples(server: str, demo_key: str) -> Sequence[str]:
    """One command for each door, to be pasted into a shell."""
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
