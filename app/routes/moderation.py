"""The doors for content checks: texts or an image in, verdicts out."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response

from ..accounts import Account, ApiKey
from ..moderation import COMMENT, SCENES, Occasion, Verdict
from ..services import current_services
from . import access, bodies, errors, parameters
from .answers import json_answer
from .media import submit_image
from .refusals import ParameterWrong
from .texts import FIELDS, WRONG, Asked, asked, stricter

MOST_TEXTS = 100
"""of a batch"""
_NOW, _LATER = ("on_unavailable",), ("openid", "scene")
_WHEN = " With mode=async an image takes openid and scene, without it on_unavailable."

blueprint = Blueprint("moderation", __name__)


@blueprint.post("/api/moderation/text")
def text() -> Response:
    """Check a text."""
    key = access.require("moderation")
    given = parameters.values(*FIELDS, "account")
    account = _account(key, given)
    text, on_unavailable = asked(given, account, current_services().settings.max_text_characters)
    return json_answer(current_services().desk(account).checks.text(text, on_unavailable).document())


@blueprint.post("/api/moderation/text/batch")
def texts() -> Response:
    """Check up to a hundred texts: for each its own verdict or problem, in order."""
    key = access.require("moderation")
    given = parameters.values("items", "account")
    account = _account(key, given)
    read = [_read(item, account) for item in _items(given)]
    checks = current_services().desk(account).checks
    outcomes = iter(checks.texts([one for one in read if not isinstance(one, Exception)]))
    return json_answer({"items": [_told(one if isinstance(one, Exception) else next(outcomes)) for one in read]})


@blueprint.post("/api/moderation/image")
def image() -> Response:
    """Check an image, now or, with `mode=async`, later."""
    key = access.require("moderation")
    mode = parameters.query("account", "mode", *_NOW, *_LATER).get("mode")
    if mode not in (None, "async"):
        raise ParameterWrong("The parameter mode must be async, or left out.")
    given = parameters.query("account", "mode", *(_LATER if mode else _NOW), advice=_WHEN)
    account = _account(key, given)
    upload = bodies.image(current_services().settings.max_image_bytes)
    if mode:
        return _later(account, given, upload)
    on_unavailable = stricter(given.get("on_unavailable"), account)
    return json_answer(current_services().desk(account).checks.image(upload, on_unavailable).document())


def _later(account: Account, given: dict[str, str], upload: bytes) -> Response:
    scene = parameters.choice(given, "scene", SCENES) if "scene" in given else COMMENT
    occasion = Occasion(parameters.required(given, "openid"), scene)
    with current_services().desk(account).checks.fitted(upload) as fitted:
        return submit_image(account, fitted, occasion)


def _account(key: ApiKey, given: Mapping[str, Any]) -> Account:
    named = {"account": parameters.text("account", given["account"])} if "account" in given else {}
    return access.chosen_account(key, named, lambda: current_services().accounts.first("mini"))


def _items(given: Mapping[str, Any]) -> list[object]:
    items = given.get("items")
    if type(items) is not list or not 0 < len(items) <= MOST_TEXTS:
        raise ParameterWrong(f"The parameter items must be a list of 1 to {MOST_TEXTS} texts.")
    return items


def _read(item: object, account: Account) -> Asked | Exception:
    """One text of a batch, or what is wrong with it: the others are none the worse for it."""
    try:
        given = parameters.known("An item", item, FIELDS)
        return asked(given, account, current_services().settings.max_text_characters)
    except WRONG as error:
        return error


def _told(outcome: Verdict | Exception) -> dict[str, Any]:
    return errors.document(outcome) if isinstance(outcome, Exception) else outcome.document()
