"""Central mode: credentials are read from another central server, and WeChat is never asked for any."""

from .answers import ACCESS_TOKEN, JSAPI_TICKET, Endpoint
from .server import CentralClient, CentralServer, check_central
