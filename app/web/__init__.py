"""The HTTP endpoints: which of them each listener has, and what all of them share."""

from flask import Blueprint, Flask, Response, request
from werkzeug.exceptions import NotFound

from ..services import Services
from . import (
    credentials,
    diagnose,
    gateway,
    jssdk,
    media,
    moderation,
    monitoring,
    oauth,
    openapi,
    pages,
    problems,
    push,
    session,
)
from .access_log import RequestLog
from .endpoint import Endpoints
from .fast_path import FastPath
from .jssdk import NONCESTR
from .proxies import ProxyAware

_BLUEPRINTS: tuple[Endpoints, ...] = (
    jssdk.blueprint,
    diagnose.blueprint,
    credentials.blueprint,
    oauth.blueprint,
    oauth.redeem_blueprint,
    moderation.blueprint,
    session.blueprint,
    media.blueprint,
    media.links_blueprint,
    push.blueprint,
    monitoring.blueprint,
    openapi.blueprint,
    pages.blueprint,
)


def register(app: Flask, services: Services) -> None:
    """Add the endpoints of the listener `all`, `public` or `internal`, and those of both listeners.

    Every request is logged and counted. Every error is answered with a problem document.
    """
    settings, application = services.settings, app.wsgi_app
    app.url_map.merge_slashes = False  # a redirect would take its host from the Host header
    app.register_error_handler(Exception, problems.answer)
    app.register_error_handler(NotFound, _not_found)
    for blueprint in (*_BLUEPRINTS, gateway.blueprint):
        if settings.listener == "all" or blueprint.listener in (settings.listener, "both"):
            app.register_blueprint(blueprint)
    if settings.listener != "internal":
        application = FastPath(application, services, app.config[NONCESTR])
    application = RequestLog(application, services.meters.request, settings.access_log)
    app.wsgi_app = ProxyAware(application, settings.trusted_proxies)  # type: ignore[method-assign] # Flask's way


def _not_found(error: NotFound) -> Response:
    """A page for a browser that opens an address outside the API, a problem document for all others."""
    answer = problems.answer(error)
    if request.method in ("GET", "HEAD") and not request.path.startswith("/api/"):
        if request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html":
            answer = pages.missing()
        answer.vary.add("Accept")
    return answer


def embed(app: Flask, listener: str) -> None:
    """Add the endpoints below /api to another Flask application, and our templates.

    Errors of these endpoints are problem documents; all other errors remain the application's own.
    """
    ours = Blueprint("wechat", __name__, template_folder="templates")
    ours.register_error_handler(Exception, problems.answer)
    for blueprint in _BLUEPRINTS:
        if blueprint.listener != "both" and listener in ("all", blueprint.listener):
            ours.register_blueprint(blueprint)
    app.register_blueprint(ours)
