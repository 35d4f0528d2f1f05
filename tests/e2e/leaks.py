"""Looks for secrets, tokens and tickets where nobody may find any."""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

from mock_wechat import MockWeChat
from mock_wechat.wire import Request
from tests.e2e.servers import KEY, logs


def secrets_of(mock: MockWeChat) -> set[str]:
    """Every AppSecret that `mock` knows, every token and ticket it ever issued, and the API key of these tests."""
    asked = Request.parse("GET", "/_mock/state", {"host": "localhost"}, b"", "127.0.0.1")
    accounts = json.loads(mock.answer(asked).body)["accounts"]
    issued = {credential["value"] for account in accounts for credential in account["credentials"]}
    return issued | {account.secret for account in mock._state.accounts.values()} | {KEY}


@contextmanager
def no_secrets_leak(mock: MockWeChat) -> Iterator[list[str | bytes]]:
    """At the end of this block no log of a server that was started in it holds a secret of `mock`.

    Nor does what was put on the list: bodies of answers, for example.
    """
    before = set(logs)
    seen: list[str | bytes] = []
    yield seen
    _assert_none_in([*seen, *(log.read_bytes() for log in logs - before)], mock)


def assert_nothing_leaked(folder: Path, mock: MockWeChat) -> None:
    """No log in `folder` or below holds a secret of `mock`."""
    _assert_none_in([file.read_bytes() for file in folder.rglob("*.log")], mock)


def _assert_none_in(texts: Iterable[str | bytes], mock: MockWeChat) -> None:
    contents = {text.encode() if isinstance(text, str) else text for text in texts}
    assert contents, "nothing to look through"
    spellings = {spelling.encode() for secret in secrets_of(mock) for spelling in (secret, quote(secret, safe=""))}
    for content in contents:
        found = [secret for secret in spellings if secret in content]
        assert not found, f"{len(found)} secrets stand in: {content[:500]!r}"
