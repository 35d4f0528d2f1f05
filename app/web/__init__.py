"""The HTTP endpoints: which of them each listener has, and what all of them share."""

from flask import Blueprint, Flask

from . import credentials, diagnose, jssdk, media, moderation, monitoring, openapi, pages, problems, push
from .access_log import ObserveRequest, RequestLog
from .endpoint import Endpoints

_BLUEPRINTS: tuple[Endpoints, ...] = (
    jssdk.blueprint,
    diagnose.blueprint,
    credentials.blueprint,
    moderation.blueprint,
    media.blueprint,
    media.links_blueprint,
    push.blueprint,
    monitoring.blueprint,
    openapi.blueprint,
    pages.blueprint,
)


def register(app: Flask, listener: str, observe: ObserveRequest) -> None:
    """Add the endpoints of the listener `all`, `public` or `internal`, and those of both listeners.

    Every request is logged, and reported to `observe`. Every error is answered with a problem document.
    """
    app.url_map.merge_slashes = False  # a redirect would take its host from the Host header
    app.wsgi_app = RequestLog(app.wsgi_app, observe)  # type: ignore[method-assign] # Flask's way
    app.register_error_handler(Exception, problems.answer)
    for blueprint in _BLUEPRINTS:
        if listener == "all" or blueprint.listener in (listener, "both"):
            app.register_blueprint(blueprint)


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
