"""granian in place of gunicorn: `wechat-central serve --granian`."""

import logging
import os
import signal
import socket
import sys
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.net import SocketHolder  # type: ignore[attr-defined] # it has no __all__
from granian.server import MPServer

from .. import logging as logs
from ..errors import SettingsError
from ..metrics import share_counts
from ..ops import startup
from ..settings import load_settings
from ..web.current import services_of

_BACKLOG = 2048  # as gunicorn

_log = logging.getLogger(__name__)


class Server(MPServer):
    """granian with one queue of connections for all workers, and with a HUP that first checks the settings."""

    def __init__(self, listener: socket.socket, **options: Any) -> None:
        super().__init__("the application", interface=Interfaces.WSGI, **options)
        self._listener = listener

    def _init_shared_socket(self) -> None:
        # As granian does on other systems. On Linux it gives each worker a queue of its own: a worker that ends resets
        # the connections in it, and a second server may listen at the same port.
        self._sso, self._ssp = self._listener, None
        self._shd = SocketHolder(self._listener.fileno(), False, _BACKLOG)  # type: ignore[assignment, call-arg] # wrong stub

    def signal_handler_reload(self, *_: object) -> None:
        """Replace the workers, unless a setting is wrong: they would end, and the server with them."""
        try:
            load_settings(os.environ)
        except SettingsError as error:
            _log.error("reload refused: the old settings stay reason=%s", error)
        else:
            super().signal_handler_reload()  # type: ignore[no-untyped-call] # it has no types


def run(bind: str) -> None:
    """Serve at `bind`, host and port, until SIGTERM or SIGINT."""
    host, _, port = bind.rpartition(":")
    if not port.isdigit():
        sys.exit(f"The server does not start.\n--bind: {bind!r} has no port; right is, for example: 127.0.0.1:8000")
    address = host.strip("[]"), int(port)
    share_counts()
    logs.configure(sys.stderr)
    settings = startup.settings_or_exit(os.environ)
    startup.prepare_or_exit(settings, settings.workers, [address])
    Server(
        _listen(address),
        address=address[0],
        port=address[1],
        workers=settings.workers,
        blocking_threads=settings.threads,
        blocking_threads_idle_timeout=600,  # seconds; each thread has connections of its own to WeChat
        backlog=_BACKLOG,
        backpressure=1000,  # connections of a worker, most of them idle ones of nginx; as gunicorn
        http=HTTPModes.http1,
        # Milliseconds: longer than nginx keeps idle connections (60 s), which would else write into a closed one.
        http1_settings=HTTP1Settings(header_read_timeout=75_000, max_buffer_size=32 * 1024),
        websockets=False,
        # All lines go to the root logger; but the threads are as many as WECHAT_THREADS says, which needs no warning.
        log_dictconfig={"formatters": {}, "handlers": {}, "loggers": {"_granian": {"filters": [_is_news]}}},
        respawn_failed_workers=True,
        workers_kill_timeout=30,  # seconds; as gunicorn
    ).serve(target_loader=_load, wrap_loader=False)


def _listen(address: tuple[str, int]) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        listener = socket.create_server(address, family=family, backlog=_BACKLOG)
    except (OSError, OverflowError) as error:  # a port over 65535
        sys.exit(f"The server does not start.\n{error}")
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if sys.platform == "linux":  # take only callers that have sent something: a worker that ends drops the others
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_DEFER_ACCEPT, 1)
    return listener


def _is_news(record: logging.LogRecord) -> bool:
    return "which seems quite high compared" not in record.msg


def _load() -> Any:
    """In a worker: the application, its credentials kept warm."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)  # else the parent's handlers ignore them until granian sets the worker's
    startup.mute_settings_warnings()
    from .wsgi import app  # noqa: PLC0415 -- in the worker, which reads the settings for itself

    for name in [name for name in os.environ if name.startswith("WECHAT_")]:
        del os.environ[name]  # granian copies the environment into that of each request
    startup.keep_warm(services_of(app))
    return app
