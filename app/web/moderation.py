"""Content checks: texts or an image in, verdicts out."""

from collections.abc import Mapping
from typing import Any

from ..accounts import Account, ApiKey
from ..errors import ChecksBusy, DoorClosed, ImagesBusy, ImageTooLarge, ImageUnreadable, TextTooLong
from ..moderation import Occasion, Verdict
from ..services import current_services
from . import auth as access
from . import bodies, schemas
from . import problems as errors
from .endpoint import Endpoint, Endpoints
from .errors import BodyTooLarge
from .media import submit_image
from .problems import FROM_WECHAT
from .schemas.moderation import ImageQuery, Pending, TextOfAccount, Texts, Verdicts
from .texts import asked, one_of_many, stricter

_PROBLEMS = (*FROM_WECHAT, ChecksBusy)
_IMAGE_PROBLEMS = (*_PROBLEMS, BodyTooLarge, ImageUnreadable, ImageTooLarge, ImagesBusy, DoorClosed)
_IMAGE = {
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

blueprint = Endpoints("moderation", __name__, listener="internal", tag="Moderation")


@blueprint.view(
    Endpoint(
        "POST",
        "/api/moderation/text",
        {200: schemas.moderation.Verdict},
        scope="moderation",
        body=TextOfAccount,
        problems=(*_PROBLEMS, TextTooLong),
    )
)
def check_text(key: ApiKey, given: TextOfAccount) -> Mapping[str, Any]:
    """Check a text."""
    account = _account(key, given.account)
    text, on_unavailable = asked(given, account)
    return current_services().for_account(account).checks.text(text, on_unavailable).document()


@blueprint.view(
    Endpoint("POST", "/api/moderation/text/batch", {200: Verdicts}, scope="moderation", body=Texts, problems=_PROBLEMS)
)
def check_texts(key: ApiKey, given: Texts) -> Mapping[str, Any]:
    """Check up to 100 texts: for each its own verdict or problem, in order."""
    account = _account(key, given.account)
    read = [one_of_many(item, account) for item in given.items]
    checks = current_services().for_account(account).checks
    outcomes = iter(checks.texts([one for one in read if not isinstance(one, Exception)]))
    return {"items": [_told(one if isinstance(one, Exception) else next(outcomes)) for one in read]}


@blueprint.view(
    Endpoint(
        "POST",
        "/api/moderation/image",
        {200: schemas.moderation.Verdict, 202: Pending},
        scope="moderation",
        query=ImageQuery,
        body=_IMAGE,
        problems=_IMAGE_PROBLEMS,
    )
)
def check_image(key: ApiKey, given: ImageQuery) -> Mapping[str, Any] | Pending:
    """Check an image, now or, with `mode=async`, later.

    The image is the body, or the one file part of `multipart/form-data`: PNG, JPEG, GIF, WEBP, BMP, AVIF or HEIC, told
    by its bytes whatever `Content-Type` says. It is scaled down and encoded again as JPEG; a long picture is cut into
    tiles, of an animation a few frames are sent.
    """
    account = _account(key, given.account)
    upload = bodies.image(current_services().settings.max_image_bytes)
    checks = current_services().for_account(account).checks
    if given.openid is None:
        return checks.image(upload, stricter(given.on_unavailable, account)).document()
    with checks.fitted(upload) as fitted:
        return submit_image(account, fitted, Occasion(given.openid, given.scene))


def _account(key: ApiKey, name: str | None) -> Account:
    return access.chosen_account(key, name, lambda: current_services().accounts.first("mini"))


def _told(outcome: Verdict | Exception) -> dict[str, Any]:
    return errors.document(outcome) if isinstance(outcome, Exception) else outcome.document()
