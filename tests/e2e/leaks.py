"""Looks for secrets, tokens and tickets where nobody may find any."""

import json
from collections.abc import Iterable
from urllib.parse import quote

from mock_wechat import MockWeChat
from mock_wechat.wire import Request
from tests.e2e.servers import KEY

Seen = list[str | bytes]
"""what was shown to people who may know no secret: bodies of answers, for example"""


def assert_no_secret_in(texts: Iterable[str | bytes], mocks: Iterable[MockWeChat]) -> None:
    """None of the texts holds a secret, token or ticket of one of the mocks, nor these tests' API key."""
    secrets = {KEY}.union(*map(_secrets_of, mocks))
    spellings = {spelling.encode() for secret in secrets for spelling in (secret, quote(secret, safe=""))}
    for content in {text.encode() if isinstance(text, str) else text for text in texts}:
        found = [secret for secret in spellings if secret in content]
        assert not found, f"{len(found)} secrets stand in: {content[:500]!r}"


def _secrets_of(mock: MockWeChat) -> set[str]:
    """Every AppSecret that `mock` knows, and every token and ticket that it ever issued."""
    asked = Request.parse("GET", "/_mock/state", {"host": "localhost"}, b"", "127.0.0.1")
    accounts = json.loads(mock.answer(asked).body)["accounts"]
    issued = {credential["value"] for account in accounts for credential in account["credentials"]}
    return issued | {account.secret for account in mock._state.accounts.values()}
