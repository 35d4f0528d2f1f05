"""The doors for checks whose result comes later."""

from ...exceptions import StoreUnavailable
from ..refusals import KeyNotAllowed, KeyRequired, ParameterWrong
from .moderation import DEFAULT, OPENID, SCENE
from .pieces import Part, account_in_body, answer, body, json_object, operation, parameter, schema
from .problems import FROM_WECHAT, WITH_BODY, WITH_KEY

_TRACE_ID: Part = {"type": "string", "minLength": 1, "description": "WeChat's id of the check."}

SCHEMAS: Part = {
    "Pending": {
        "type": "object",
        "required": ["trace_id", "status"],
        "properties": {"trace_id": _TRACE_ID, "status": {"const": "pending"}},
    },
    "Job": {
        "type": "object",
        "required": ["trace_id", "status"],
        "properties": {
            "trace_id": _TRACE_ID,
            "status": {
                "enum": ["pending", "done", "failed", "timeout"],
                "description": "`failed`: WeChat could not check it; `timeout`: it said nothing within 30 minutes.",
            },
            "verdict": schema("Verdict"),
            "errcode": {"type": "integer", "description": "WeChat's, where it failed."},
            "reason": {"type": "string", "description": "Why it failed."},
        },
    },
}

PATHS: Part = {
    "/api/moderation/media": {
        "post": operation(
            "Moderation",
            "check_media",
            "Have an image or audio checked, by its URL",
            {202: answer("WeChat has taken it on; ask for the result by its `trace_id`.", schema("Pending"))},
            (*WITH_KEY, "media-url-wrong", "door-closed", *FROM_WECHAT, *WITH_BODY),
            scope="moderation",
            requestBody=body(
                json_object(
                    ["media_url", "media_type", "openid", "scene"],
                    {
                        "media_url": {
                            "type": "string",
                            "minLength": 1,
                            "description": "http or https, a public host. WeChat fetches it, this server does not.",
                        },
                        "media_type": {"type": "integer", "enum": [1, 2], "description": "1 audio, 2 image."},
                        "openid": OPENID,
                        "scene": SCENE,
                        **account_in_body(DEFAULT),
                    },
                ),
                {"media_url": "https://img.example.com/1.jpg", "media_type": 2, "openid": "o...", "scene": 2},
            ),
        )
    },
    "/api/moderation/media/{trace_id}": {
        "get": operation(
            "Moderation",
            "media_result",
            "What came of it",
            {200: answer("So far.", schema("Job"))},
            (ParameterWrong, KeyRequired, KeyNotAllowed, "job-unknown", StoreUnavailable),
            scope="moderation",
            parameters=[parameter("trace_id", "From the answer to the check.", _TRACE_ID, where="path", required=True)],
        )
    },
}
