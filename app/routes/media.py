"""The doors for media that WeChat checks later: submit, ask how it stands, and the link under which WeChat looks."""

from flask import Blueprint, Response

from ..accounts import Account, ApiKey
from ..exceptions import DoorClosed, UnknownJob
from ..media_links import PATH
from ..moderation import SCENES, Job, Occasion, check_media_url
from ..moderation.images import Fitted
from ..services import Desk, current_services
from . import access, parameters
from .answers import json_answer

MEDIA_TYPES = (1, 2)

blueprint = Blueprint("media", __name__)
links_blueprint = Blueprint("media_links", __name__)


@blueprint.post("/api/moderation/media")
def submit() -> Response:
    """Let WeChat download and check an image or a sound."""
    key = access.require("moderation")
    given = parameters.json_body(
        "media_url", "media_type", "openid", "scene", "account", numbers=("media_type", "scene")
    )
    services = current_services()
    account = access.chosen_account(key, given, lambda: services.accounts.first("mini"))
    desk = _desk_with_push(account)
    media_url = parameters.required(given, "media_url")
    check_media_url(media_url, private=services.settings.private_media == "allow")
    media_type = parameters.choice(given, "media_type", MEDIA_TYPES)
    occasion = Occasion(parameters.required(given, "openid"), parameters.choice(given, "scene", SCENES))
    with desk.checks.under_way():
        job = services.async_checks.submit_url(desk.access_token, desk.client, media_url, media_type, occasion)
    return _accepted(job)


@blueprint.get("/api/moderation/media/<trace_id>")
def progress(trace_id: str) -> Response:
    """How a check stands."""
    key = access.require("moderation")
    parameters.query()
    return json_answer(current_services().async_checks.jobs.progress(_own(key, trace_id)).document())


@links_blueprint.get(PATH + "<signed>")
def media(signed: str) -> Response:
    """What WeChat is to look at."""
    links = current_services().async_checks.links
    if links is None:
        raise DoorClosed("There are no links to media: WECHAT_SECRET_KEY and WECHAT_PUBLIC_URL are not set.")
    found = links.open(signed)
    return Response(found.content, content_type=found.content_type)


@links_blueprint.after_request
def _for_wechat_alone(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def submit_image(account: Account, fitted: Fitted, occasion: Occasion) -> Response:
    """Let WeChat check an image that came without a URL: its parts, within a block of `Checks.fitted`."""
    desk = _desk_with_push(account)
    submit = current_services().async_checks.submit_image
    return _accepted(submit(desk.access_token, desk.client, fitted, occasion, desk.checks.together))


def _desk_with_push(account: Account) -> Desk:
    if account.push is None:
        raise DoorClosed(f"The account {account.name} has no push_token, so WeChat could not tell us its verdict.")
    return current_services().desk(account)


def _accepted(job: Job) -> Response:
    return json_answer({"trace_id": job.trace_id, "status": "pending"}, 202)


def _own(key: ApiKey, trace_id: str) -> Job:
    services = current_services()
    job = services.async_checks.jobs.find(trace_id)
    if not any(key.allows_account(account.name) for account in services.accounts if account.appid == job.appid):
        raise UnknownJob(trace_id)  # to other keys it is not there
    return job
