"""Media that WeChat checks later: submit, ask for the result, and the link under which WeChat downloads."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from ..account_services import AccountServices
from ..accounts import Account, ApiKey
from ..errors import AccountKindWrong, ChecksBusy, NotConfigured, StoreUnavailable
from ..moderation import MEDIA_PATH, Fitted, MediaUrlWrong, Occasion, UnknownJob, check_media_url
from . import auth, schemas
from .current import current_services
from .endpoint import Endpoint, Endpoints
from .problems import FROM_WECHAT
from .schemas.base import Request
from .schemas.moderation import Media, Pending

blueprint = Endpoints("media", __name__, listener="internal", tag="Moderation")
links_blueprint = Endpoints("media_links", __name__, listener="public")


@blueprint.view(
    Endpoint(
        "POST",
        "/api/moderation/media",
        {202: Pending},
        scope="moderation",
        body=Media,
        problems=(MediaUrlWrong, NotConfigured, ChecksBusy, AccountKindWrong, *FROM_WECHAT),
    )
)
def check_media(key: ApiKey, given: Media) -> Pending:
    """Check an image or audio that WeChat downloads; the verdict comes later."""
    services = current_services()
    account = auth.chosen_account(key, given.account, lambda: services.accounts.first("mini"))
    of_account = _with_push(account)
    check_media_url(given.media_url, private=services.settings.private_media == "allow")
    occasion = Occasion(given.openid, given.scene)
    with of_account.checks.under_way():
        job = services.async_checks.submit_url(
            of_account.access_token, of_account.client, given.media_url, given.media_type, occasion
        )
    return Pending(trace_id=job.trace_id, status="pending")


@blueprint.view(
    Endpoint(
        "GET",
        "/api/moderation/media/<trace_id>",
        {200: schemas.moderation.Job},
        scope="moderation",
        query=Request,
        path_values={"trace_id": "From the answer to the check."},
        problems=(UnknownJob, StoreUnavailable),
    )
)
def media_result(key: ApiKey, trace_id: str) -> Mapping[str, Any]:
    """The state of a check, and its verdict."""
    services = current_services()
    job = services.async_checks.jobs.find(trace_id)
    if not any(key.allows_account(account.name) for account in services.accounts if account.appid == job.appid):
        raise UnknownJob(trace_id)
    return services.async_checks.jobs.progress(job).document()


@links_blueprint.get(MEDIA_PATH + "<signed>")
def media(signed: str) -> Response:
    """An image for WeChat to check; its link cannot be guessed."""
    links = current_services().async_checks.links
    if links is None:
        raise NotConfigured("There are no links to media: WECHAT_SECRET_KEY and WECHAT_PUBLIC_URL are not set.")
    found = links.open(signed)
    return Response(found.content, content_type=found.content_type)


@links_blueprint.after_request
def _no_page(response: Response) -> Response:
    """The content is a caller's: no browser may run or keep it."""
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def submit_image(account: Account, fitted: Fitted, occasion: Occasion) -> Pending:
    """Submit the parts of an image without a URL. Call it within a block of `Checks.fitted`."""
    of_account = _with_push(account)
    submit = current_services().async_checks.submit_image
    job = submit(of_account.access_token, of_account.client, fitted, occasion, of_account.checks.together)
    return Pending(trace_id=job.trace_id, status="pending")


def _with_push(account: Account) -> AccountServices:
    of_account = current_services().for_account(account)
    if of_account.own_checks and account.push is None:
        raise NotConfigured(f"The account {account.name} has no push_token, so WeChat cannot deliver a verdict.")
    return of_account
