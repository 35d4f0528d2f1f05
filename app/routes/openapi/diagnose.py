"""The door that says what is wrong with a signature."""

from ...diagnosis import NEEDS, mistakes
from ...js_domains import MAX_URL_CHARACTERS
from .pieces import Part, account_in_body, answer, body, json_object, operation, schema
from .problems import FROM_WECHAT, WITH_BODY, WITH_KEY

_URL = {"type": "string", "minLength": 1, "maxLength": MAX_URL_CHARACTERS}
_FIELDS: Part = {
    "url": {**_URL, "description": "The page's own address, with its #fragment if it has one."},
    "landing_url": {**_URL, "description": "Another address that may have been signed."},
    "timestamp": {"type": "integer", "minimum": 0, "maximum": 10**15 - 1, "description": "As in wx.config."},
    "nonceStr": {"type": "string", "minLength": 1},
    "signature": {"type": "string", "pattern": "^[0-9a-fA-F]{40}$"},
    "wx_card_ticket": {"type": "string", "minLength": 1, "description": "If the server fetches that too."},
    "appId": {"type": "string", "minLength": 1, "description": "As in wx.config; means its account."},
    **account_in_body("that of `appId`, or the one whose JS domains have the page, or the first official one"),
}
_HINT: Part = {
    "type": "object",
    "required": ["en", "zh"],
    "properties": {"en": {"type": "string"}, "zh": {"type": "string"}},
    "additionalProperties": False,
}

SCHEMAS: Part = {
    "Diagnosis": {
        "type": "object",
        "required": ["account", "valid", "listed", "mistakes", "untried", "hint"],
        "properties": {
            "account": {"type": "string", "description": "The account by whose current ticket it was measured."},
            "valid": {"type": "boolean", "description": "Whether WeChat takes the signature on this page."},
            "listed": {"type": "boolean", "description": "Whether the page is on the account's JS domains."},
            "mistakes": {
                "type": "array",
                "items": {"enum": list(mistakes())},
                "maxItems": 2,
                "description": "What the server did that signed; empty where nothing known explains it.",
            },
            "untried": {"type": "array", "items": {"enum": list(NEEDS)}, "description": "Not tried, for lack of this."},
            "hint": {**_HINT, "description": "What to do."},
        },
        "additionalProperties": False,
    },
}

PATHS: Part = {
    "/api/jssdk/diagnose": {
        "post": operation(
            "Pages",
            "diagnose_signature",
            "Say what is wrong with a signature",
            {200: answer("The mistake, if it is a known one.", schema("Diagnosis"))},
            (*WITH_KEY, *WITH_BODY, *FROM_WECHAT),
            scope="diagnose",
            headers=("Cache-Control", "Access-Control-Allow-Origin"),
            description="Measured by the account's current ticket. Neither string1 nor the right signature is ever "
            "told. At most 16 KB.",
            requestBody=body(
                json_object(["url", "timestamp", "nonceStr", "signature"], _FIELDS),
                {
                    "url": "https://h5.example.com/shop?id=1#top",
                    "timestamp": 1795234405,
                    "nonceStr": "e89f6ce334855612",
                    "signature": "d2476ec7600aac44557cd6f7ae87a8777729f76e",
                },
            ),
        )
    }
}
