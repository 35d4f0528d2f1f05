"""WeChat's endpoints: one module per family, all of them in one table."""

from . import (
    authorize,
    followers,
    images,
    login,
    media,
    menus,
    messages,
    operation,
    subscriptions,
    tags,
    templates,
    text,
    tokens,
)
from .exchange import Endpoint, Exchange

ENDPOINTS: dict[str, Endpoint] = {
    endpoint.path: endpoint
    for family in (
        *(tokens, text, images, media, authorize, login, operation),
        *(messages, followers, tags, templates, subscriptions, menus),
    )
    for endpoint in family.ENDPOINTS
}

__all__ = ["ENDPOINTS", "Endpoint", "Exchange"]
