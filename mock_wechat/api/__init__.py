"""WeChat's endpoints: one module per family, all of them in one table."""

from . import (
    authorize,
    drafts,
    images,
    links,
    login,
    materials,
    media,
    operation,
    publishing,
    qrcodes,
    risk,
    sessions,
    text,
    tokens,
    uploads,
    wxacodes,
)
from .exchange import Endpoint, Exchange

ENDPOINTS: dict[str, Endpoint] = {
    endpoint.path: endpoint
    for family in (
        *(tokens, text, images, media, authorize, login, operation),
        *(uploads, materials, qrcodes, wxacodes, links, sessions, drafts, publishing, risk),
    )
    for endpoint in family.ENDPOINTS
}

__all__ = ["ENDPOINTS", "Endpoint", "Exchange"]
