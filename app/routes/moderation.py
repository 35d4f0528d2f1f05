"""The doors for content checks: a text or an image in, a verdict out."""

from flask import Blueprint, Response

from ..keys import ApiKey
from ..moderation import check_image, check_text
from ..services import Desk, current_services
from . import access, bodies, parameters
from .answers import json_answer
from .refusals import ParameterWrong

TEXT_BYTES = 500_000
"""longer texts are passed by WeChat without a look (WECHAT.md 3.1)"""

blueprint = Blueprint("moderation", __name__)


@blueprint.post("/api/moderation/text")
def text() -> Response:
    """Check a text."""
    key = access.require("moderation")
    given = parameters.json_body("content", "account")
    desk = _desk(key, given)
    return json_answer(check_text(desk.access_token, desk.client, _content(given)).document())


@blueprint.post("/api/moderation/image")
def image() -> Response:
    """Check an image."""
    key = access.require("moderation")
    desk = _desk(key, parameters.query("account"))
    content = bodies.image(current_services().settings.max_image_bytes)
    return json_answer(check_image(desk.access_token, desk.client, content).document())


def _content(given: dict[str, str]) -> str:
    content = parameters.required(given, "content")
    if len(content.encode("utf-8")) > TEXT_BYTES:
        raise ParameterWrong(f"The content has more than {TEXT_BYTES} bytes: WeChat would pass it unread.")
    return content


def _desk(key: ApiKey, given: dict[str, str]) -> Desk:
    services = current_services()
    return services.desk(access.chosen_account(key, given, lambda: services.accounts.first("mini")))
