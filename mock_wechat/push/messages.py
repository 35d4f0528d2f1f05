"""The forms of a push, JSON or XML, plain or encrypted, and the event of a finished media check (WECHAT.md 5, 6)."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from random import Random

from .. import crypto
from ..state.accounts import Account, PushFormat
from ..state.pushes import MediaCheck
from ..state.words import Suggest
from ..wire import compact

FAILED_DOWNLOAD = -1008
CONTENT_TYPES: Mapping[PushFormat, str] = {"json": "application/json", "xml": "text/xml"}
LABELS: Mapping[Suggest, int] = {"pass": 100, "review": 20006, "risky": 20002}


@dataclass(frozen=True)
class PushRequest:
    """One push: its query, body and content type."""

    query: Mapping[str, str]
    body: bytes
    content_type: str


def event(check: MediaCheck, suggest: Suggest, created: int, errcode: int = 0) -> dict[str, object]:
    """The message, in the order of WeChat's keys; `created` is in Unix seconds.

    With an `errcode` other than 0 the check failed, and `suggest` is "pass".
    """
    message: dict[str, object] = {
        "ToUserName": original_id(check.appid),
        "FromUserName": check.openid,
        "CreateTime": created,
        "MsgType": "event",
        "Event": "wxa_media_check",
    }
    ids = {"appid": check.appid, "trace_id": check.trace_id}
    if check.version == 1:
        is_risky = int(suggest == "risky" and not errcode)
        status_code = errcode % 2**32  # unsigned: -1008 is 4294966288
        return {**message, "isrisky": is_risky, "extra_info_json": "", **ids, "status_code": status_code, "detail": []}
    verdict = {"suggest": suggest, "label": LABELS[suggest]}
    detail: list[dict[str, object]] = [{"strategy": "content_model", "errcode": 0, **verdict, "prob": 90}]
    if suggest != "pass":  # a second item, so that clients do not rely on a list of one
        detail.append({"strategy": "keyword", "errcode": 0})
    return {
        **message,
        **ids,
        "version": 2,
        "detail": [] if errcode else detail,
        "errcode": errcode,
        "errmsg": "download failed" if errcode else "ok",  # assumed: no failed push was published
        "result": verdict,  # after a failure it is pass: a client that ignores errcode takes it for one
    }


def original_id(appid: str) -> str:
    """The account's original id (原始ID), derived from the appid."""
    return f"gh_{hashlib.sha256(appid.encode()).hexdigest()[:12]}"


def pack(message: Mapping[str, object], account: Account, now: int, random: Random) -> PushRequest:
    """A push signed at `now` (Unix seconds), in the account's mode and format.

    Raises MissingExtra if it is to be encrypted without cryptography.
    """
    mode, form = account.push_mode, account.form
    timestamp, nonce = str(now), str(random.randrange(10**8, 10**9))
    query = {
        "signature": crypto.signature(account.push_token, timestamp, nonce),
        "timestamp": timestamp,
        "nonce": nonce,
        "openid": str(message["FromUserName"]),
    }
    if mode == "plain":
        return PushRequest(query, written(message, form), CONTENT_TYPES[form])
    key = f"{random.getrandbits(64):016x}".encode()
    encrypted = crypto.encrypt(written(message, form).decode(), account.push_aes_key, account.appid, key)
    query |= {"encrypt_type": "aes", "msg_signature": crypto.signature(account.push_token, timestamp, nonce, encrypted)}
    shown = message if mode == "compat" else {"ToUserName": message["ToUserName"]}
    return PushRequest(query, written({**shown, "Encrypt": encrypted}, form), CONTENT_TYPES[form])


def written(message: Mapping[str, object], form: PushFormat) -> bytes:
    """The message as JSON, or as XML in which a list is a repeated element."""
    text = compact(message) if form == "json" else f"<xml>{''.join(_elements(message))}</xml>"
    return text.encode()


def _elements(message: Mapping[str, object]) -> Iterator[str]:
    for name, value in message.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, dict):
                content = "".join(_elements(item))
            elif isinstance(item, float):
                content = f"{item:.6f}"
            elif isinstance(item, int):
                content = str(item)
            else:
                content = f"<![CDATA[{str(item).replace(']]>', ']]]]><![CDATA[>')}]]>"
            yield f"<{name}>{content}</{name}>"
