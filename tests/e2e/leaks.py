"""Was a secret logged? Looked for after a test, in everything that its servers wrote."""

import json
from pathlib import Path

from mock_wechat import MINI, OFFICIAL, MockWeChat
from tests.e2e.servers import KEY

_ISSUED_IN = ("access_token", "ticket")


def assert_nothing_leaked(folder: Path, wechat: MockWeChat) -> None:
    """No log in `folder` or below holds an API key, an AppSecret, or a token or ticket that WeChat has issued."""
    logs = [file.read_text() for file in folder.rglob("*.log")]
    assert logs
    told = sum(log.count(secret) for log in logs for secret in secrets_of(wechat))
    assert told == 0, "secrets were logged"  # which ones is not repeated here


def secrets_of(wechat: MockWeChat) -> set[str]:
    """All that must not be logged."""
    answers = [json.loads(call.answer) for call in wechat.calls("/cgi-bin/*") if call.status == 200 and call.answer]
    return {KEY, OFFICIAL.secret, MINI.secret} | {
        answer[name] for answer in answers for name in _ISSUED_IN if name in answer
    }
