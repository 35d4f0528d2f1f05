"""Puts the doors' descriptions together."""

from collections.abc import Collection
from typing import Any

from . import credentials, diagnose, health, jssdk, media, moderation, problems, push, verdicts
from .pieces import HEADERS, SECURITY, Part

VERSION = "0.1.0"

DOORS: dict[str, Part] = {
    **jssdk.PATHS,
    **diagnose.PATHS,
    **credentials.PATHS,
    **moderation.PATHS,
    **media.PATHS,
    **push.PATHS,
    **health.PATHS,
}
"""by path; each has its operations by method, in lower case"""

_SCHEMAS: Part = {
    **problems.SCHEMAS,
    **jssdk.SCHEMAS,
    **diagnose.SCHEMAS,
    **credentials.SCHEMAS,
    **verdicts.SCHEMAS,
    **moderation.SCHEMAS,
    **media.SCHEMAS,
    **health.SCHEMAS,
}

_DESCRIPTION = """\
One place that holds `access_token` and `jsapi_ticket` of WeChat accounts, signs `wx.config` for H5 pages, and checks
texts, images and audio with WeChat's content security (内容安全).

Bodies are read as JSON whatever their `Content-Type` says. A parameter that is unknown, repeated or empty is refused
(400). `account` is an account's name or appid.

Every error is `application/problem+json` (RFC 9457). Decide by its `type`, never by its texts. `errcode`, `errmsg` and
`rid` are WeChat's own words, `hint` says in English and Chinese what to do. Beside what stands at each door: a path
that does not exist is 404 `/problems/not-found`; a request that is broken as HTTP is 4xx `/problems/bad-request`; a
fault of this server is 500 `/problems/internal`, and its log says more under the `X-Request-ID`.
"""

_TAGS = {
    "Pages": "For H5 pages in WeChat's browser: signatures (签名) for `wx.config`. Public, CORS for the JS domains.",
    "Credentials": "For other business servers: the current `access_token` or `jsapi_ticket`, or its successor.",
    "Moderation": "For backends: a verdict on a text, an image or audio.",
    "Message push": "For WeChat: it delivers results and messages here (消息推送).",
    "Watching": "For whoever watches the server.",
}


def document(opened: Collection[tuple[str, str]]) -> dict[str, Any]:
    """The document of a listener that has the doors `opened`, each a method in lower case and a path."""
    every = {
        path: {method: operation for method, operation in operations.items() if (method, path) in opened}
        for path, operations in DOORS.items()
    }
    paths = {path: operations for path, operations in every.items() if operations}
    used = {tag for operations in paths.values() for operation in operations.values() for tag in operation["tags"]}
    return {
        "openapi": "3.1.0",
        "info": {"title": "WeChat central control server", "version": VERSION, "description": _DESCRIPTION},
        "tags": [{"name": name, "description": description} for name, description in _TAGS.items() if name in used],
        "paths": paths,
        "components": {"schemas": _SCHEMAS, "headers": HEADERS, "securitySchemes": SECURITY},
    }
