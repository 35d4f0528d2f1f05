"""The signature door."""

from typing import Any

from ...accounts import MAX_URL_CHARACTERS
from ...exceptions import PageNotAllowed, PageUrlWrong, UnknownAccount
from ..refusals import ParameterWrong
from .pieces import Part, account, account_in_body, answer, body, json_object, operation, parameter, schema
from .problems import FROM_WECHAT, WITH_BODY

_URL = {
    "type": "string",
    "pattern": "^[Hh][Tt][Tt][Pp][Ss]?://",
    "maxLength": MAX_URL_CHARACTERS,
    "examples": ["https://h5.example.com/shop?id=1"],
}
_PAGE = {"url": "https://h5.example.com/shop?id=1"}
_URL_MEANING = "The page's own address, as `location.href.split('#')[0]` gives it; what follows a # is cut off."
_DEFAULT = "the account whose JS domains have the page"
_PROBLEMS = (ParameterWrong, PageUrlWrong, PageNotAllowed, UnknownAccount, *FROM_WECHAT)
_HEADERS = ("Cache-Control", "Access-Control-Allow-Origin")
_SIGNED = {200: answer("Spread it into `wx.config`.", schema("SignedPage"))}


def _operation(name: str, summary: str, answers: dict[int, Part], problems: Any, **more: Any) -> Part:
    return operation("Pages", name, summary, answers, problems, headers=_HEADERS, **more)


SCHEMAS: Part = {
    "SignedPage": {
        "type": "object",
        "required": ["appId", "timestamp", "nonceStr", "signature", "url"],
        "properties": {
            "appId": {"type": "string", "examples": ["wx0000000000000001"]},
            "timestamp": {"type": "integer", "description": "Unix seconds."},
            "nonceStr": {"type": "string"},
            "signature": {"type": "string", "pattern": "^[0-9a-f]{40}$"},
            "url": {"type": "string", "description": "What was signed."},
        },
    },
}

PATHS: Part = {
    "/api/jssdk/signature": {
        "get": _operation(
            "sign_page",
            "Sign a page",
            _SIGNED,
            _PROBLEMS,
            parameters=[
                parameter("url", f"{_URL_MEANING} Encode it once, with `encodeURIComponent`.", _URL, required=True),
                account(_DEFAULT),
            ],
        ),
        "post": _operation(
            "sign_page_by_post",
            "Sign a page, its address in a JSON body",
            _SIGNED,
            (*_PROBLEMS, *WITH_BODY),
            description="At most 8 KB.",
            requestBody=body(
                json_object(["url"], {"url": {**_URL, "description": _URL_MEANING}, **account_in_body(_DEFAULT)}), _PAGE
            ),
        ),
        "options": _operation(
            "ask_before_signing",
            "A browser asks before it sends (CORS)",
            {204: answer("The headers say what a page on the JS domains may send.")},
            (),
        ),
    },
    "/api/jssdk/refused": {
        "post": _operation(
            "report_refused_signature",
            "A page was told `invalid signature`: sign it anew",
            {200: answer("A new signature, made with the ticket that WeChat has now.", schema("SignedPage"))},
            (*_PROBLEMS, *WITH_BODY),
            description="If it was made with the current ticket, WeChat is asked for its ticket again.",
            requestBody=body(
                json_object(
                    ["url", "timestamp", "nonceStr", "signature"],
                    {
                        "url": _URL,
                        "timestamp": {"type": "integer"},
                        "nonceStr": {"type": "string", "minLength": 1},
                        "signature": {"type": "string", "minLength": 1},
                        "appId": {"type": "string", "minLength": 1, "description": "Means its account."},
                        **account_in_body(_DEFAULT),
                    },
                ),
                {
                    **_PAGE,
                    "timestamp": 1795234405,
                    "nonceStr": "e89f6ce334855612",
                    "signature": "d2476ec7600aac44557c...",
                },
            ),
        ),
        "options": _operation(
            "ask_before_reporting",
            "A browser asks before it sends (CORS)",
            {204: answer("The headers say what a page on the JS domains may send.")},
            (),
        ),
    },
}
