"""For other Flask applications: our endpoints beside their pages, and pages that carry their own signature.

A page is signed by the address that its browser asked for: WECHAT_PUBLIC_URL and the target of the request line, as it
came. Flask's `request.url` will not do: it decodes %E4 and %2F, and drops a ? at the end.
"""

import logging
from collections.abc import Callable, Mapping

from flask import Flask, current_app, request

from .. import jssdk
from .. import logging as logs
from ..accounts import PageUrl
from ..errors import CentralServerError, SettingsError
from ..redaction import hide
from ..services import Services, build_services
from ..settings import Settings, load_settings
from . import embed
from .current import EXTENSION, current_services
from .jssdk import NONCESTR, random_noncestr, sign

_log = logging.getLogger(__name__)


def init_app(
    app: Flask,
    config: Settings | Mapping[str, str],
    *,
    services: Services | None = None,
    noncestr: Callable[[], str] = random_noncestr,
) -> None:
    """Let `app` sign its own pages, and add our endpoints below /api to it.

    `config` is settings, or an environment that holds them; WECHAT_PUBLIC_URL has to be among them, on the JS domains.
    Raises SettingsError.
    """
    if services is None:
        services = build_services(config if isinstance(config, Settings) else load_settings(config))
    public_url = services.settings.public_url
    if public_url is None:
        raise SettingsError(["WECHAT_PUBLIC_URL: missing, and pages are signed for it; right: https://h5.example.com"])
    if not services.accounts.allows_origin(PageUrl.parse(public_url).origin):
        raise SettingsError(["WECHAT_PUBLIC_URL: on no account's JS domains; add its host to WECHAT_JS_DOMAINS"])
    equip(app, services, noncestr)
    embed(app, services.settings.listener)


def equip(app: Flask, services: Services, noncestr: Callable[[], str]) -> None:
    """Give an app what our endpoints and templates work with."""
    logs.silence_urllib3()
    hide(services.settings.confidential)
    app.extensions[EXTENSION] = services
    app.config[NONCESTR] = noncestr
    app.add_template_global(wx_config)


def signed_config(account: str | None = None) -> jssdk.Config:
    """The argument of wx.config for the page of the current request. Raises PageNotAllowed, WeChatError and others.

    `account` is a name or an appid; left out, the account is the one whose JS domains have the page.
    """
    return sign(own_url(), account)


def wx_config(account: str | None = None) -> jssdk.Config | None:
    """The same for templates; None if the page cannot be signed: better a page without a signature than no page."""
    try:
        return signed_config(account)
    except CentralServerError as error:
        _log.warning("page not signed: app=%s reason=%s", current_app.name, error)
        return None


def own_url() -> str:
    """The address of the page of the current request, as its browser has it."""
    public_url = current_services().settings.public_url
    target = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI")
    if public_url is None or not target:
        raise RuntimeError(
            "A page's address needs WECHAT_PUBLIC_URL, and REQUEST_URI or RAW_URI, which granian does not set."
        )
    return jssdk.page_url(PageUrl.parse(public_url).origin, target)
