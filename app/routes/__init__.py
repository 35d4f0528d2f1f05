"""The doors: which of them this listener opens, and what holds for all of them."""

from flask import Blueprint, Flask

from . import credentials, diagnose, errors, health, jssdk, media, metrics, moderation, openapi, pages, push
from .request_log import ObserveRequest, RequestLog

_PUBLIC: tuple[Blueprint, ...] = (jssdk.blueprint, diagnose.blueprint, push.blueprint, media.links_blueprint)
_INTERNAL: tuple[Blueprint, ...] = (credentials.blueprint, moderation.blueprint, media.blueprint)
_ALWAYS: tuple[Blueprint, ...] = (health.blueprint, metrics.blueprint, openapi.blueprint, pages.blueprint)
_DOORS = {"all": _PUBLIC + _INTERNAL, "public": _PUBLIC, "internal": _INTERNAL}


def register(app: Flask, doors: str, observe: ObserveRequest) -> None:
    """Open the doors `all`, `public` or `internal`; those of health, metrics and the pages are always open.

    Every answer is logged, and told to `observe`.
    """
    app.url_map.merge_slashes = False  # a redirect would take its host from the Host header
    app.wsgi_app = RequestLog(app.wsgi_app, observe)  # type: ignore[method-assign] # Flask's way
    errors.register(app)
    for blueprint in (*_DOORS[doors], *_ALWAYS):
        app.register_blueprint(blueprint)


def embed(app: Flask, doors: str, templates: str) -> None:
    """Open the doors below /api in somebody else's app, and give it our templates.

    Errors of these doors are problem documents; those of everything else remain the app's own.
    """
    ours = Blueprint("wechat", __name__, template_folder=templates)
    ours.register_error_handler(Exception, errors.answer)
    for blueprint in _DOORS[doors]:
        ours.register_blueprint(blueprint)
    app.register_blueprint(ours)
