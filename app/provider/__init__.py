"""When to refresh a credential, who may, and what callers get meanwhile."""

from .fetching import Surroundings
from .provider import CredentialProvider
from .sources import Source, classic, stable, ticket
from .waiting import WaitingRoom

__all__ = ["CredentialProvider", "Source", "Surroundings", "WaitingRoom", "classic", "stable", "ticket"]
