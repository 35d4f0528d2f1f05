"""The doors for texts and images."""

from ...moderation import MOST_CHARACTERS_BESIDE
from .pieces import Part, account, account_in_body, answer, body, json_object, operation, parameter, schema
from .problems import FROM_WECHAT, WITH_BODY, WITH_KEY

OPENID: Part = {
    "type": "string",
    "minLength": 1,
    "description": "The user; WeChat must have seen them within two hours.",
}
SCENE: Part = {
    "type": "integer",
    "enum": [1, 2, 3, 4],
    "description": "1 profile (资料), 2 comment (评论), 3 forum (论坛), 4 social log (社交日志).",
}
_ON_UNAVAILABLE: Part = {
    "enum": ["error", "review", "pass"],
    "description": "What to answer when WeChat can't be asked: stricter than the account's setting, never looser.",
}
DEFAULT = "the first mini program"
_PROBLEMS = (*WITH_KEY, *FROM_WECHAT, *WITH_BODY, "checks-busy")
_VERDICT = answer("The verdict.", schema("Verdict"))
_RISKY = "特3456书yuuo莞6543李zxcz蒜7782法fgnv级"
"""WeChat's own test string (WECHAT.md 3.1)"""
_EXTRA = {"type": "string", "minLength": 1, "maxLength": MOST_CHARACTERS_BESIDE}

_TEXT: Part = {
    "content": {
        "type": "string",
        "minLength": 1,
        "description": "A longer text than WeChat takes is split, with an overlap; the worst verdict wins.",
    },
    "openid": {**OPENID, "description": f"{OPENID['description']} With it WeChat's version 2 is asked."},
    "scene": {**SCENE, "default": 2},
    "title": _EXTRA,
    "nickname": _EXTRA,
    "signature": {**_EXTRA, "description": "Of a profile: WeChat reads it in scene 1, else it is part of the content."},
    "on_unavailable": _ON_UNAVAILABLE,
}

_ONE_OF_MANY: Part = {
    "description": "As the body of `/api/moderation/text`, without `account`; "
    "what is wrong with one is told in its place."
}

SCHEMAS: Part = {
    "Text": json_object(["content"], _TEXT | account_in_body(DEFAULT)),
    "Texts": json_object(
        ["items"],
        {
            "items": {"type": "array", "minItems": 1, "maxItems": 100, "items": _ONE_OF_MANY},
            **account_in_body(DEFAULT),
        },
    ),
    "Verdicts": {
        "type": "object",
        "required": ["items"],
        "properties": {
            "items": {
                "type": "array",
                "description": "In the order of the texts: a verdict for each, or what went wrong.",
                "items": {"anyOf": [schema("Verdict"), schema("Problem")]},
            }
        },
    },
}

_IMAGE_CONTENT: Part = {
    "multipart/form-data": {
        "schema": {
            "type": "object",
            "description": "Exactly one file part, of any name.",
            "required": ["media"],
            "properties": {"media": {"type": "string", "format": "binary", "contentMediaType": "image/*"}},
        }
    },
    "application/octet-stream": {"schema": {"type": "string", "format": "binary", "minLength": 1}},
}

PATHS: Part = {
    "/api/moderation/text": {
        "post": operation(
            "Moderation",
            "check_text",
            "Check a text",
            {200: _VERDICT},
            (*_PROBLEMS, "text-too-long"),
            scope="moderation",
            requestBody=body(schema("Text"), {"content": _RISKY}),
        )
    },
    "/api/moderation/text/batch": {
        "post": operation(
            "Moderation",
            "check_texts",
            "Check up to 100 texts",
            {200: answer("One result for each text.", schema("Verdicts"))},
            _PROBLEMS,
            scope="moderation",
            requestBody=body(schema("Texts"), {"items": [{"content": "你好"}, {"content": _RISKY}]}),
        )
    },
    "/api/moderation/image": {
        "post": operation(
            "Moderation",
            "check_image",
            "Check an image",
            {
                200: _VERDICT,
                202: answer("`mode=async`: WeChat will say later.", schema("Pending")),
            },
            (*_PROBLEMS, "image-unreadable", "image-too-large", "images-busy", "door-closed"),
            scope="moderation",
            description="PNG, JPEG, GIF, WEBP, BMP, AVIF or HEIC, told by its bytes whatever `Content-Type` says. It "
            "is scaled down and encoded again as JPEG; a long picture is cut into tiles, of an animation a few "
            "frames are sent.",
            parameters=[
                account(DEFAULT),
                parameter("mode", "`async` asks WeChat's version 2, which answers later.", {"enum": ["async"]}),
                parameter("openid", "With `mode=async`: the user.", {"type": "string", "minLength": 1}),
                parameter("scene", "With `mode=async`.", SCENE),
                parameter("on_unavailable", _ON_UNAVAILABLE["description"], {"enum": _ON_UNAVAILABLE["enum"]}),
            ],
            requestBody={"required": True, "content": _IMAGE_CONTENT},
        )
    },
}
