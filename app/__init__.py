"""The WeChat central control server."""

import os
from collections.abc import Callable, Mapping

from flask import Flask

from . import web
from .services import Services, build_services
from .settings import Settings, load_settings
from .web import extension
from .web.jssdk import random_noncestr


def create_app(
    config: Settings | Mapping[str, str] | None = None,
    *,
    services: Services | None = None,
    noncestr: Callable[[], str] = random_noncestr,
) -> Flask:
    """Build the server from settings or an environment; left out: from this process's environment.

    With `services`, those and their settings are used. Raises SettingsError.
    """
    if services is None:
        settings = config if isinstance(config, Settings) else load_settings(os.environ if config is None else config)
        services = build_services(settings)
    app = Flask(__name__, static_folder=None, template_folder="web/templates")
    extension.equip(app, services, noncestr)
    web.register(app, services)
    return app
