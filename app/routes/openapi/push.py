"""The door at which WeChat delivers."""

from ...exceptions import StoreUnavailable, UnknownAccount
from ..refusals import ParameterWrong
from .pieces import Part, answer, operation, parameter
from .problems import WITH_BODY

_TEXT: Part = {"type": "string", "minLength": 1}
_ACCOUNT = parameter("account", "Name or appid.", _TEXT, where="path", required=True)
_SIGNED = [
    _ACCOUNT,
    parameter("signature", "SHA-1 of token, timestamp and nonce.", _TEXT),
    parameter("timestamp", "Unix seconds; older than five minutes is refused.", _TEXT, required=True),
    parameter("nonce", "WeChat's.", _TEXT, required=True),
]
_PROBLEMS = ("push-unreadable", "push-refused", "door-closed", UnknownAccount)
_REPLY: Part = {
    "text/plain": {"schema": {"type": "string"}},
    "application/json": {"schema": {"type": "object"}},
    "text/xml": {"schema": {"type": "string"}},
}

PATHS: Part = {
    "/api/push/{account}": {
        "get": operation(
            "Message push",
            "push_check",
            "WeChat checks that this URL is ours",
            {200: answer("`echostr`, as it came.", {"type": "string"}, "text/plain")},
            _PROBLEMS,
            parameters=[*_SIGNED, parameter("echostr", "What to say back.", _TEXT, required=True)],
        ),
        "post": operation(
            "Message push",
            "push",
            "WeChat delivers a result or a message",
            {200: {"description": "`success`, or what the user is to be told.", "content": _REPLY}},
            (*_PROBLEMS, ParameterWrong, "push-not-forwarded", StoreUnavailable, *WITH_BODY),
            description="Plain, compatible and secure mode (明文, 兼容, 安全模式); JSON or XML, at most 1 MB. With an "
            "AES key only `msg_signature` and the decrypted body count.",
            parameters=[
                *_SIGNED,
                parameter("msg_signature", "Covers the encrypted body.", _TEXT),
                parameter("encrypt_type", "`aes` where the body is encrypted.", _TEXT),
                parameter("openid", "The user.", _TEXT),
            ],
            requestBody={
                "required": True,
                "content": {
                    "application/json": {"schema": {"type": "object"}},
                    "text/xml": {"schema": {"type": "object", "xml": {"name": "xml"}}},
                },
            },
        ),
    },
}
