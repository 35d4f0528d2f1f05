"""Where a Flask application keeps its services, and how a view reaches them."""

from typing import cast

from flask import Flask, current_app

from ..services import Services

EXTENSION = "wechat_services"


def services_of(app: Flask) -> Services:
    """The services of an application."""
    return cast(Services, app.extensions[EXTENSION])


def current_services() -> Services:
    """The services of the application that answers the current request."""
    return services_of(current_app)
