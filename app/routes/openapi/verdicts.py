"""What a verdict is."""

from typing import get_args

from ...moderation.labels import LABEL_NAMES
from ...moderation.verdicts import Suggest
from .pieces import Part

APIS = ("msg_sec_check/1", "msg_sec_check/2", "img_sec_check/1", "media_check_async/1", "media_check_async/2")

_FRAMES = {"type": "integer", "minimum": 1}

SCHEMAS: Part = {
    "Verdict": {
        "type": "object",
        "description": "A result, not an error: always 200.",
        "required": ["suggest", "label", "label_name", "api", "checked", "cached"],
        "properties": {
            "suggest": {"enum": list(get_args(Suggest)), "description": "`review`: a person has to look."},
            "label": {
                "enum": [*LABEL_NAMES, None],
                "description": "Why, as WeChat numbers it; null where the API gives no reason (version 1).",
            },
            "label_name": {"enum": [*LABEL_NAMES.values(), None], "description": "The same in a word."},
            "api": {"enum": list(APIS), "description": "Which of WeChat's APIs was asked, and its version."},
            "checked": {
                "type": "boolean",
                "description": "false: WeChat could not be asked about all of it, and a setting decided.",
            },
            "cached": {"type": "boolean", "description": "The same content was checked a short while ago."},
            "trace_id": {"type": "string", "description": "WeChat's id of the check, for its support."},
            "detail": {
                "type": "array",
                "description": "What each of WeChat's strategies found, in WeChat's own words.",
                "items": {"type": "object"},
            },
            "frames": {**_FRAMES, "description": "Of an animation."},
            "frames_checked": {**_FRAMES, "description": "How many of them WeChat saw."},
            "sent": {
                "type": "array",
                "description": "Of an image: the files that WeChat got, after fitting to its limits.",
                "items": {"$ref": "#/components/schemas/SentImage"},
            },
        },
    },
    "SentImage": {
        "type": "object",
        "required": ["bytes", "width", "height", "content_type"],
        "properties": {
            "bytes": {"type": "integer", "minimum": 1},
            "width": {"type": "integer", "minimum": 1, "description": "Pixels."},
            "height": {"type": "integer", "minimum": 1, "description": "Pixels."},
            "content_type": {"type": "string", "examples": ["image/jpeg"]},
        },
    },
}
