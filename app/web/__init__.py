"""The endpoints: which of them this listener has, and what holds for all of them."""

from flask import Blueprint, Flask

from . import credentials, diagnose, health, jssdk, media, metrics, moderation, openapi, pages, push
from . import problems as errors
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
    health.blueprint,
    metrics.blueprint,
    openapi.blueprint,
    pages.blueprint,
)


def register(app: Flask, listener: str, observe: ObserveRequest) -> None:
    """Add the endpoints of the listener `all`, `public` or `internal`, and those of both listeners.

    Every answer is logged, and told to `observe`.
    """
    app.url_map.merge_slashes = False  # a redirect would take its host from the Host header
    app.wsgi_app = RequestLog(app.wsgi_app, observe)  # type: ignore[method-assign] # Flask's way
    errors.register(app)
    for blueprint in _BLUEPRINTS:
        if listener == "all" or blueprint.listener in (listener, "both"):
            app.register_blueprint(blueprint)


def embed(app: Flask, listener: str, templates: str) -> None:
    """Add the endpoints below /api to another Flask application, and our templates.

    Errors of these endpoints are problem documents; those of everything else remain the application's own.
    """
    ours = Blueprint("wechat", __name__, template_folder=templates)
    ours.register_error_handler(Exception, errors.answer)
    for blueprint in _BLUEPRINTS:
        if blueprint.listener != "both" and listener in ("all", blueprint.listener):
            ours.register_blueprint(blueprint)
    app.register_blueprint(ours)
