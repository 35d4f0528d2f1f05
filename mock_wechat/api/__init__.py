"""WeChat's endpoints: one module per family, all of them in one table."""

from . import (
    authorize,
    drafts,
    followers,
    images,
    links,
    login,
    materials,
    media,
    menus,
    messages,
    operation,
    publishing,
    qrcodes,
    qrconnect,
    risk,
    sessions,
    subscriptions,
    tags,
    templates,
    text,
    tokens,
    uniform,
    uploads,
    wxacodes,
)
from .exchange import Endpoint, Exchange

ENDPOINTS: dict[str, Endpoint] = {
    endpoint.path: endpoint
    for family in (
        *(tokens, text, images, media, authorize, qrconnect, login, operation),
        *(messages, followers, tags, templates, subscriptions, menus),
        *(uploads, materials, qrcodes, wxacodes, links, sessions, drafts, publishing, risk, uniform),
    )
    for endpoint in family.ENDPOINTS
}

__all__ = ["ENDPOINTS", "Endpoint", "Exchange"]
