"""The doors for whoever watches."""

from typing import get_args

from ...accounts import Kind
from ...credential import State
from ...exceptions import StoreUnavailable, UnknownAccount
from ...metrics import CONTENT_TYPE
from ..refusals import KeyNotAllowed, KeyRequired, ParameterWrong
from .pieces import Part, account, answer, operation, schema

_NAME: Part = {"type": "string"}
_SECONDS: Part = {"type": ["integer", "null"], "minimum": 0}


def _readiness(statuses: list[str], meaning: str, required: list[str]) -> Part:
    return {
        "type": "object",
        "required": ["status", *required],
        "properties": {
            "status": {"enum": statuses, "description": meaning},
            "store": {"type": ["string", "null"], "description": "With a key: why the store does not answer."},
            "store_hint": {
                "anyOf": [schema("Hint"), {"type": "null"}],
                "description": "With a key: what to do about it.",
            },
            "accounts": {"type": "array", "description": "With a key.", "items": schema("AccountState")},
        },
    }


SCHEMAS: Part = {
    "Alive": {"type": "object", "required": ["status"], "properties": {"status": {"const": "ok"}}},
    "Readiness": _readiness(
        ["ok", "degraded"], "`degraded`: an account has cooldowns, or the store does not answer.", []
    ),
    "Unready": _readiness(
        ["unusable"],
        "The store does not answer, and nothing is left in memory.",
        ["store", "store_hint", "accounts"],
    ),
    "AccountState": {
        "type": "object",
        "required": ["account", "appid", "kind", "credentials", "cooldowns"],
        "properties": {
            "account": _NAME,
            "appid": _NAME,
            "kind": {"enum": list(get_args(Kind))},
            "credentials": {"type": "array", "items": schema("CredentialState")},
            "cooldowns": {"type": "array", "items": schema("Cooldown")},
        },
    },
    "CredentialState": {
        "type": "object",
        "required": [
            "credential",
            "state",
            "generation",
            "age_seconds",
            "remaining_seconds",
            "fetches_left",
        ],
        "properties": {
            "credential": {"enum": ["access_token", "jsapi_ticket"]},
            "state": {
                "enum": [*(state.value for state in State), "missing", "unknown"],
                "description": "`unknown`: the store does not say.",
            },
            "generation": {"type": "integer", "minimum": 0, "description": "Counts the values that there were."},
            "age_seconds": _SECONDS,
            "remaining_seconds": _SECONDS,
            "fetches_left": {"type": "number", "minimum": 0, "description": "Of the budget for refused ones."},
        },
    },
    "Cooldown": {
        "description": "A failure after which WeChat is left alone.",
        "type": "object",
        "required": ["kind", "endpoint", "credential", "attempt", "until", "detail", "hint"],
        "properties": {
            "kind": {
                "enum": ["cooldown", "budget"],
                "description": "`budget`: WeChat refused a credential too often; refusals cause no fetch for now.",
            },
            "endpoint": {"type": ["string", "null"], "description": "The endpoint that is left alone."},
            "credential": {
                "enum": ["access_token", "jsapi_ticket", None],
                "description": "The credential that is fetched there, or whose fetch failed.",
            },
            "attempt": {"type": "integer", "minimum": 0, "description": "Number of failures in a row."},
            "until": {"type": "integer", "description": "Unix seconds: when WeChat may be asked again."},
            "detail": {"type": "string"},
            "hint": schema("Hint"),
            "errcode": {"type": "integer"},
            "errmsg": {"type": "string"},
            "rid": {"type": ["string", "null"]},
        },
    },
}

PATHS: Part = {
    "/healthz": {
        "get": operation("Watching", "healthz", "Is the process alive?", {200: answer("It is.", schema("Alive"))})
    },
    "/readyz": {
        "get": operation(
            "Watching",
            "readyz",
            "Can it serve?",
            {200: answer("It can.", schema("Readiness")), 503: answer("With a key: why not.", schema("Unready"))},
            (ParameterWrong, KeyRequired, KeyNotAllowed, UnknownAccount, StoreUnavailable),
            scope="ops",
            key_optional=True,
            description="Never calls WeChat. With a key: why the store fails, credentials and cooldowns.",
            parameters=[account("all that the key is for. Needs a key")],
        )
    },
    "/metrics": {
        "get": operation(
            "Watching",
            "metrics",
            "Numbers for Prometheus",
            {200: answer("Prometheus's text format.", {"type": "string"}, CONTENT_TYPE)},
            (KeyRequired, KeyNotAllowed),
            scope="ops",
            key_optional=True,
            description="Without a key from loopback only; a key must be for all accounts.",
        )
    },
}
