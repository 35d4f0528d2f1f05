"""Pushes like WeChat's: published samples, and others made by the mock's code."""

import json
from pathlib import Path
from typing import Any

from app.accounts import Account, PushSettings
from mock_wechat import crypto
from tests.doubles import START

VECTORS: Any = json.loads((Path(__file__).parents[2] / "vectors" / "message_push.json").read_text(encoding="utf-8"))
REPLY = VECTORS["secure_reply"]

APPID = "wx0000000000000002"
TOKEN = "mockpushtoken"
KEY, OTHER_KEY = "mockmessagepushencodingaeskey00000000000000", "B" * 43
NONCE = "415670741"


def account(*aes_keys: str, token: str = TOKEN, appid: str = APPID) -> Account:
    return Account("mini", appid, "mock-mini-secret", "mini", push=PushSettings(token, aes_keys))


def plain_query(timestamp: float = START, token: str = TOKEN) -> dict[str, str]:
    stamp = str(int(timestamp))
    return {"signature": crypto.signature(token, stamp, NONCE), "timestamp": stamp, "nonce": NONCE}


def secure(
    message: bytes, key: str = KEY, appid: str = APPID, timestamp: float = START, **beside: str
) -> tuple[dict[str, str], bytes]:
    """Query and JSON body of a push in secure mode; with `beside`, of one in compatible mode."""
    encrypted = crypto.encrypt(message.decode(), key, appid, b"a8eedb185eb2fecf")
    query = plain_query(timestamp)
    query |= {"encrypt_type": "aes", "msg_signature": crypto.signature(TOKEN, query["timestamp"], NONCE, encrypted)}
    return query, json.dumps({"ToUserName": "gh_1", **beside, "Encrypt": encrypted}).encode()
