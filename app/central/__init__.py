"""Central mode: credentials are read from another central server, and WeChat is never asked for any."""

from .client import CentralClient
from .doors import ACCESS_TOKEN, JSAPI_TICKET, Door
from .server import CentralServer, check_central

__all__ = ["ACCESS_TOKEN", "JSAPI_TICKET", "CentralClient", "CentralServer", "Door", "check_central"]
