"""When to refresh a credential, who may, and what callers get meanwhile."""

from .fetching import Outcome, Surroundings
from .provider import CredentialProvider
from .sources import Source, central, classic, stable, ticket
from .waiting import WaitingRoom

__all__ = [
    "CredentialProvider",
    "Outcome",
    "Source",
    "Surroundings",
    "WaitingRoom",
    "central",
    "classic",
    "stable",
    "ticket",
]
