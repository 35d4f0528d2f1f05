"""Content checks: texts or an image in, verdicts out."""

from collections.abc import Mapping
from typing import Any

from ..accounts import Account, ApiKey, OnUnavailable
from ..errors import AccountKindWrong, ChecksBusy, NotConfigured
from ..moderation import STRICTNESS, ImagesBusy, ImageTooLarge, ImageUnreadable, Occasion, Text, TextTooLong
from . import auth, problems, schemas
from .current import current_services
from .endpoint import Endpoint, Endpoints
from .media import submit_image
from .problems import FROM_WECHAT
from .reading import BodyTooLarge, ParameterWrong, checked, read_image
from .schemas.moderation import ImageQuery, Pending, TextOfAccount, Texts, Verdicts

_PROBLEMS = (*FROM_WECHAT, ChecksBusy, AccountKindWrong)
_TEXT_PROBLEMS = (*_PROBLEMS, TextTooLong)
_IMAGE_PROBLEMS = (*_PROBLEMS, BodyTooLarge, ImageUnreadable, ImageTooLarge, ImagesBusy, NotConfigured)
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
_VERDICT = {200: schemas.moderation.Verdict}

blueprint = Endpoints("moderation", __name__, listener="internal", tag="Moderation")


@blueprint.view(
    Endpoint("POST", "/api/moderation/text", _VERDICT, scope="moderation", body=TextOfAccount, problems=_TEXT_PROBLEMS)
)
def check_text(key: ApiKey, given: TextOfAccount) -> Mapping[str, Any]:
    """Check a text."""
    account = _account(key, given.account)
    text, on_unavailable = _text_to_check(given, account)
    return current_services().for_account(account).checks.text(text, on_unavailable).document()


@blueprint.view(
    Endpoint("POST", "/api/moderation/text/batch", {200: Verdicts}, scope="moderation", body=Texts, problems=_PROBLEMS)
)
def check_texts(key: ApiKey, given: Texts) -> Mapping[str, Any]:
    """Check up to 100 texts: for each its own verdict or problem, in order."""
    account = _account(key, given.account)
    read = [_item_to_check(item, account) for item in given.items]
    checks = current_services().for_account(account).checks
    verdicts = iter(checks.texts([one for one in read if not isinstance(one, Exception)]))
    outcomes = [one if isinstance(one, Exception) else next(verdicts) for one in read]
    return {"items": [problems.document(one) if isinstance(one, Exception) else one.document() for one in outcomes]}


@blueprint.view(
    Endpoint(
        "POST",
        "/api/moderation/image",
        {**_VERDICT, 202: Pending},
        scope="moderation",
        query=ImageQuery,
        body=_IMAGE,
        problems=_IMAGE_PROBLEMS,
    )
)
def check_image(key: ApiKey, given: ImageQuery) -> Mapping[str, Any] | Pending:
    """Check an image, now or, with `mode=async`, later.

    The image is the body, or the one file part of `multipart/form-data`: PNG, JPEG, GIF, WEBP, BMP, AVIF or HEIC,
    recognised by its bytes whatever `Content-Type` says. It is scaled down and encoded again as JPEG; a long
    image is cut into tiles, of an animation a few frames are sent.
    """
    account = _account(key, given.account)
    upload = read_image(current_services().settings.max_image_bytes)
    checks = current_services().for_account(account).checks
    if given.openid is None:
        return checks.image(upload, _stricter(given.on_unavailable, account)).document()
    with checks.fitted(upload) as fitted:
        return submit_image(account, fitted, Occasion(given.openid, given.scene))


def _account(key: ApiKey, name: str | None) -> Account:
    return auth.chosen_account(key, name, lambda: current_services().accounts.first("mini"))


def _text_to_check(given: schemas.moderation.Text, account: Account) -> tuple[Text, OnUnavailable]:
    """A text, and what to answer where WeChat gives no verdict. Raises ParameterWrong or TextTooLong."""
    on_unavailable = _stricter(given.on_unavailable, account)
    text = Text(given.content, given.openid, given.scene, given.beside)
    limit = current_services().settings.max_text_characters
    if text.characters > limit:
        raise TextTooLong(f"The text has {text.characters} characters; at most {limit} are checked at once.")
    return text, on_unavailable


def _item_to_check(item: object, account: Account) -> tuple[Text, OnUnavailable] | Exception:
    """The same for an item of a batch, or the error: the other items are checked all the same."""
    if not isinstance(item, dict):
        return ParameterWrong("An item must be a JSON object.")
    try:
        return _text_to_check(checked(schemas.moderation.Text, item), account)
    except (ParameterWrong, TextTooLong) as error:
        return error


def _stricter(given: OnUnavailable | None, account: Account) -> OnUnavailable:
    """The account's `on_unavailable`, or the caller's if that is stricter. Raises ParameterWrong."""
    own = account.moderation.on_unavailable
    allowed = STRICTNESS[STRICTNESS.index(own) :]
    if given is None or given in allowed:
        return given or own
    raise ParameterWrong(
        f"The parameter on_unavailable must be one of {', '.join(allowed)}: as the account has it, or stricter "
        "(error is stricter than review, review than pass)."
    )
