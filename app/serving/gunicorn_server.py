"""gunicorn, the default server: its settings and hooks, and what `wechat-central serve` runs."""

import os
import sys
from typing import Any

from gunicorn import glogging  # type: ignore[import-untyped] # it has no types
from gunicorn.app.base import Application  # type: ignore[import-untyped] # it has no types

from .. import logging as logs
from ..metrics import memory_folder, share_counts
from ..ops import startup
from ..web.current import services_of


class Logger(glogging.Logger):  # type: ignore[misc] # it has no types
    """gunicorn's messages in our format. app/web/access_log.py writes the access log."""

    def setup(self, cfg: Any) -> None:
        """Called at the start and at each HUP."""
        super().setup(cfg)
        logs.take_over(self.error_log)


class Server(Application):  # type: ignore[misc] # it has no types
    """gunicorn with our settings; its own options and a `gunicorn.conf.py` in the working directory win."""

    def init(self, *_: object) -> dict[str, Any]:
        """Called at the start and at each HUP."""
        return configuration()

    def load(self) -> Any:
        """In a worker: the application."""
        from .wsgi import app  # noqa: PLC0415 -- in the worker, which reads the settings for itself

        return app


def configuration() -> dict[str, Any]:
    """gunicorn's settings by their names, from our settings in the environment. Exits if one is wrong."""
    share_counts()
    logs.configure(sys.stderr)
    settings = startup.settings_or_exit(os.environ)

    def on_starting(server: Any) -> None:
        """Check what the command line may have changed, before the server listens."""
        startup.prepare_or_exit(settings, server.cfg.workers, server.cfg.address)

    return {
        "bind": f"127.0.0.1:{os.environ.get('PORT') or 8000}",
        "worker_class": "gthread",
        "workers": settings.workers,
        "threads": settings.threads,
        # A worker that has no descriptor left to accept with ends: each thread may need three, store and log the rest.
        "worker_connections": max(settings.threads, min(1000, os.sysconf("SC_OPEN_MAX") - 3 * settings.threads - 64)),
        "worker_tmp_dir": memory_folder(),  # a slow disk must not make a worker seem dead
        # Seconds: longer than nginx keeps idle connections (60), which would else write into a closed one.
        "keepalive": 75,
        "limit_request_line": 8190,  # a page URL of 2,048 characters grows when it is encoded
        "forwarded_allow_ips": ",".join(str(network) for network in settings.trusted_proxies),
        "forwarder_headers": "",  # no header renames a path
        "control_socket_disable": True,
        "logger_class": Logger,
        "on_starting": on_starting,
        "post_fork": _post_fork,
        "post_worker_init": _post_worker_init,
    }


def _post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 -- gunicorn passes it
    """Before a worker reads the settings for itself."""
    os.environ["WECHAT_THREADS"] = str(worker.cfg.threads)
    startup.mute_settings_warnings()


def _post_worker_init(worker: Any) -> None:
    """Keep the credentials warm from now on."""
    startup.keep_warm(services_of(worker.wsgi))
