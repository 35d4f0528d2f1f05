"""Looks up names within the deadline: a resolver that gets no answer takes its time, up to half a minute."""

import threading
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from socket import SOCK_STREAM, getaddrinfo

from urllib3.util.connection import allowed_gai_family

from .deadline import seconds_left


def addresses_of(host: str, port: int) -> list[str]:
    """The addresses of a name, in the system's order. Raises OSError; TimeoutError when the deadline comes first."""
    host = host.strip("[]")
    if _is_address(host):
        return [host]
    answer: SimpleQueue[list[str] | OSError] = SimpleQueue()
    threading.Thread(target=_look_up, args=[host, port, answer], name="look-up", daemon=True).start()
    try:
        found = answer.get(timeout=max(0, seconds_left()) if seconds_left() < threading.TIMEOUT_MAX else None)
    except Empty:
        raise TimeoutError("no answer from the resolver") from None
    if isinstance(found, OSError):
        raise found
    return found


def _look_up(host: str, port: int, answer: SimpleQueue[list[str] | OSError]) -> None:
    try:
        found = getaddrinfo(host, port, allowed_gai_family(), SOCK_STREAM)
    except OSError as error:
        answer.put(error)
    except UnicodeError:
        answer.put(OSError("no such name can be"))
    else:
        answer.put([str(address[0]) for *_, address in found])


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
