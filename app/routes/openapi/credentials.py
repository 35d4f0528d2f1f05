"""The doors for access_token and jsapi_ticket."""

from ...accounts import Scope
from .pieces import Part, account, account_in_body, answer, body, json_object, operation, schema
from .problems import FROM_WECHAT, WITH_BODY, WITH_KEY

_TIMES: Part = {
    "expires_in": {
        "type": "integer",
        "minimum": 0,
        "description": "Seconds. Who trusts it never uses a dead one.",
    },
    "expires_at": {"type": "integer", "description": "The same as Unix seconds."},
    "cache_seconds": {"type": "integer", "minimum": 0, "maximum": 60, "description": "How long to keep a copy."},
}


def _handed_out(name: str) -> Part:
    return {
        "type": "object",
        "required": [name, *_TIMES],
        "properties": {name: {"type": "string", "minLength": 1, "description": "WeChat's value."}, **_TIMES},
    }


SCHEMAS: Part = {"AccessToken": _handed_out("access_token"), "Ticket": _handed_out("ticket")}


def _doors(credential: str, of: str, scope: Scope, default: str) -> Part:
    problems = (*WITH_KEY, *FROM_WECHAT)
    rejected = {"type": "string", "minLength": 1, "description": f"The {credential} that WeChat refused."}
    return {
        f"/api/{credential}": {
            "get": operation(
                "Credentials",
                f"get_{credential}",
                f"The current {credential}",
                {200: answer("The current one.", schema(of))},
                problems,
                scope=scope,
                parameters=[account(default)],
            )
        },
        f"/api/{credential}/refresh": {
            "post": operation(
                "Credentials",
                f"refresh_{credential}",
                f"WeChat refused this {credential}: what to use instead",
                {200: answer("The one to use instead.", schema(of))},
                (*problems, *WITH_BODY),
                scope=scope,
                description="Fetches a new one only if `rejected` is still the current one, and within a budget: "
                "the same one may come back.",
                requestBody=body(
                    json_object(["rejected"], {"rejected": rejected, **account_in_body(default)}),
                    {"rejected": "81_..."},
                ),
            )
        },
    }


PATHS: Part = {
    **_doors("access_token", "AccessToken", "token", "the first account"),
    **_doors("jsapi_ticket", "Ticket", "ticket", "the first official account"),
}
