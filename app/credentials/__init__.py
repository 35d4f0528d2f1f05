"""Credentials: their three states, fetches under a lease, refused ones, the refresher. Start with `provider`."""

from .fetching import Dependencies, Refresh, RefreshResult
from .provider import CredentialProvider
from .refresher import Refresher
from .sources import Source, classic, stable, ticket
from .waiters import WaiterLimit
