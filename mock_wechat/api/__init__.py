"""WeChat's endpoints: one module per family, all of them in one table."""

from . import authorize, images, login, media, network, oauth, operation, text, tickets, tokens
from .exchange import Endpoint, Exchange

ENDPOINTS: dict[str, Endpoint] = {
    endpoint.path: endpoint
    for family in (tokens, tickets, text, images, media, oauth, authorize, login, operation, network)
    for endpoint in family.ENDPOINTS
}

__all__ = ["ENDPOINTS", "Endpoint", "Exchange"]
