"""For other Flask applications: our doors beside their pages, and pages that carry their own signature.

A page is signed by the address that its browser asked for: WECHAT_PUBLIC_URL and the target of the request line, as it
came. Flask's `request.url` will not do: it decodes %E4 and %2F, and drops a ? at the end.
"""

import logging
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from flask import Flask, current_app, request

from .. import jssdk
from .. import logging as logs
from .. import web as routes
from ..errors import CentralServerError, SettingsError
from ..redaction import hide
from ..services import EXTENSION, Services, build_services, current_services
from ..settings import Settings, load_settings
from .jssdk import NONCESTR, sign

TEMPLATES = Path(__file__).parent / "templates"

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}

_log = logging.getLogger(__name__)


def init_app(
    app: Flask,
    config: Settings | Mapping[str, str],
    *,
    services: Services | None = None,
    noncestr: Callable[[], str] = lambda: secrets.token_hex(8),
) -> None:
    """Let `app` sign its own pages, and open our doors below /api in it.

    `config` is settings, or an environment that holds them; WECHAT_PUBLIC_URL has to be among them, on the JS domains.
    Raises SettingsError.
    """
    if services is None:
        services = build_services(config if isinstance(config, Settings) else load_settings(config))
    _check_public_url(services.settings)
    equip(app, services, noncestr)
    routes.embed(app, services.settings.listener, str(TEMPLATES))


def equip(app: Flask, services: Services, noncestr: Callable[[], str]) -> None:
    """Give an app what our doors, commands and templates work with."""
    logs.silence_urllib3()
    hide(services.settings.confidential)
    app.extensions[EXTENSION] = services
    app.config[NONCESTR] = noncestr
    app.add_template_global(wx_config)


def signed_config(account: str | None = None) -> jssdk.Config:
    """What the page that is being answered passes to wx.config. Raises what kept it from being signed.

    `account` is a name or an appid; left out, the account is the one whose JS domains have the page.
    """
    return sign(own_url(), account)


def wx_config(account: str | None = None) -> jssdk.Config | None:
    """The same for templates: None when it cannot be signed. A page without its signature is better than no page."""
    try:
        return signed_config(account)
    except CentralServerError as error:
        _log.warning("a page of %s goes out unsigned: %s", current_app.name, error)
        return None


def own_url() -> str:
    """The address of the page that is being answered, as its browser has it."""
    public_url = current_services().settings.public_url
    target = request.environ.get("REQUEST_URI") or request.environ.get("RAW_URI")
    if public_url is None or not target:
        raise RuntimeError(
            "a page's own address takes WECHAT_PUBLIC_URL, and REQUEST_URI or RAW_URI from the WSGI server"
        )
    return jssdk.page_url(_as_browsers_say(public_url), target)


def _as_browsers_say(public_url: str) -> str:
    scheme, _, authority = public_url.lower().partition("://")
    return f"{scheme}://{authority.removesuffix(_DEFAULT_PORTS[scheme])}"


def _check_public_url(settings: Settings) -> None:
    if settings.public_url is None:
        raise SettingsError(
            ["WECHAT_PUBLIC_URL: is missing, and pages are signed for it; https://h5.example.com is right"]
        )
    if not settings.accounts.allows_origin(settings.public_url):
        raise SettingsError(["WECHAT_PUBLIC_URL: is on no account's JS domains; add its host to WECHAT_JS_DOMAINS"])
