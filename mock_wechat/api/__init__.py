"""WeChat's endpoints: one module per family, all of them in one table."""

from . import authorize, images, login, media, operation, text, tokens
from .exchange import Endpoint, Exchange

ENDPOINTS: dict[str, Endpoint] = {
    endpoint.path: endpoint
    for family in (tokens, text, images, media, authorize, login, operation)
    for endpoint in family.ENDPOINTS
}

__all__ = ["ENDPOINTS", "Endpoint", "Exchange"]
