"""gunicorn's settings. Its own options win: `--bind`, `--workers`, `--threads`."""

import atexit
import logging
import os
import shutil
import sys
import tempfile
from typing import Any

# prometheus_client reads it once, when app imports it. In memory: a mapped file on a full disk kills its process.
if "prometheus_client" not in sys.modules:
    _memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 -- mkdtemp's names are its own
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="wechat-metrics-", dir=_memory)
    atexit.register(shutil.rmtree, os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)

from app import logging as logs
from app.ops import startup
from app.web.current import services_of

logs.configure(sys.stderr)
_settings = startup.settings_or_exit(os.environ)

wsgi_app = "wsgi:app"
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
# A worker that has no descriptor left to accept with ends: each thread may need three, the store and the log the rest.
worker_connections = max(threads, min(1000, os.sysconf("SC_OPEN_MAX") - 3 * threads - 64))
keepalive = 75  # seconds; longer than nginx keeps idle connections (60), which would else write into a closed one
limit_request_line = 8190  # a page URL of 2,048 characters grows when it is encoded
forwarded_allow_ips = ",".join(str(network) for network in _settings.trusted_proxies)
forwarder_headers = ""  # no header renames a path
control_socket_disable = True
logger_class = startup.Logger


def on_starting(server: Any) -> None:
    """Check what the command line may have changed, before the server listens."""
    startup.prepare_or_exit(_settings, server.cfg.workers, server.cfg.address)


def post_fork(server: Any, worker: Any) -> None:  # noqa: ARG001 -- gunicorn passes it
    """Before a worker reads the settings for itself."""
    os.environ["WECHAT_THREADS"] = str(worker.cfg.threads)
    for name in ("app.settings", "app.accounts.js_domains"):
        logging.getLogger(name).setLevel(logging.ERROR)  # the master has logged the warnings
    atexit.unregister(shutil.rmtree)  # the folder is the master's


def post_worker_init(worker: Any) -> None:
    """Keep the credentials warm from now on."""
    startup.keep_warm(services_of(worker.wsgi))
