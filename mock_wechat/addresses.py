"""Names and addresses by which other machines and containers reach this one."""

import socket
from contextlib import suppress

from .wire import is_loopback

_ROUTES = {"0.0.0.0": (socket.AF_INET, "192.0.2.1"), "::": (socket.AF_INET6, "2001:db8::1")}  # noqa: S104 -- not bound
"""Address family of each wildcard, and an address that is reached by the default route."""


def outside_hosts(host: str) -> list[str]:
    """The hosts by which others reach a listener on `host`: for a wildcard this machine's addresses and name.

    Empty for a loopback host. Sends nothing.
    """
    if host not in _ROUTES:
        return [] if is_loopback(host) else [host]
    family, far = _ROUTES[host]
    name = socket.gethostname()
    found = []
    with suppress(OSError), socket.socket(family, socket.SOCK_DGRAM) as probe:
        probe.connect((far, 9))  # UDP sends nothing yet, but gets the source address of the route
        found.append(str(probe.getsockname()[0]))
    with suppress(OSError):
        found += [str(address[0]) for *_, address in socket.getaddrinfo(name, None, family)]
    usable = [address for address in found if not is_loopback(address) and "%" not in address]  # %: link-local
    return [*dict.fromkeys(usable), name]
