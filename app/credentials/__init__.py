"""When to refresh a credential, who may, and what callers get meanwhile."""

from .fetching import Dependencies, RefreshResult
from .provider import CredentialProvider
from .refresher import Refresher
from .sources import Source, central, classic, stable, ticket
from .waiters import WaiterLimit

__all__ = [
    "CredentialProvider",
    "Dependencies",
    "RefreshResult",
    "Refresher",
    "Source",
    "WaiterLimit",
    "central",
    "classic",
    "stable",
    "ticket",
]
