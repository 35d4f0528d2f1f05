"""How gunicorn runs the server. What the environment and TOML file do not say, gunicorn's own options may: `--bind`."""

import atexit
import errno
import gc
import logging
import os
import shutil
import socket
import sys
import tempfile
from collections.abc import Iterable
from functools import partial
from typing import Any, NoReturn

from gunicorn.arbiter import Arbiter
from gunicorn.config import Config
from gunicorn.glogging import Logger
from gunicorn.http.errors import ParseException
from gunicorn.workers.base import Worker

# Where the workers count together. prometheus_client, which app imports, looks at this once; a reload keeps the folder.
if "prometheus_client" not in sys.modules:
    # In memory where that is possible: to write into a mapped file on a full disk kills the process that does it.
    _shared_memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108 - mkdtemp's names are its own
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="wechat-metrics-", dir=_shared_memory)
    atexit.register(shutil.rmtree, os.environ["PROMETHEUS_MULTIPROC_DIR"], ignore_errors=True)

from prometheus_client.multiprocess import mark_process_dead

from app import handover, logs
from app.central import check_central
from app.exceptions import CentralServerError
from app.redaction import hide
from app.services import EXTENSION, lift_cooldowns, wait_for_background_refreshes
from app.settings import check_workers, load_settings
from app.welcome import welcome
from app.worker import BoundedWorker


def _stop(reason: object) -> NoReturn:
    """A person has to mend something: say what, without a traceback, and do not try again."""
    sys.stderr.write(f"The server does not start.\n{reason}\n")
    sys.exit(Arbiter.APP_LOAD_ERROR)


logs.configure(sys.stderr)
try:
    _settings = load_settings(os.environ)
except CentralServerError as error:
    _stop(error)

hide(_settings.confidential)
_demo_key = os.environ.get("WECHAT_DEMO_KEY")

wsgi_app = "wsgi:app"
bind = f"127.0.0.1:{os.environ.get('PORT') or 8000}"
workers = _settings.workers
threads = _settings.threads
keepalive = 75  # seconds; longer than a proxy keeps idle connections (nginx: 60), or it would write into a closed one
graceful_timeout = 30
limit_request_line = 8190  # a page URL of 2,048 characters grows when it is encoded
control_socket_disable = True
# gunicorn trusts loopback by default; here nobody counts who is not named, and no header renames a path.
forwarded_allow_ips = ",".join(str(network) for network in _settings.trusted_proxies)
forwarder_headers = ""
sendfile = False  # it waits for as long as a caller takes nothing; the files are small
accesslog = None  # app/routes/request_log.py writes it, without queries


class worker_class(BoundedWorker):  # noqa: N801 - gunicorn's name for the setting
    """A thread for each request, but not for half of one."""

    request_seconds = 10.0
    lane_paths = (b"/api/moderation/",)


class logger_class(Logger):  # noqa: N801 - gunicorn's name for the setting
    """gunicorn's own messages in our format: they may quote what a caller sent."""

    def setup(self, cfg: Config) -> None:
        """Called at start and at each reload."""
        super().setup(cfg)
        for handler in self.error_log.handlers:
            handler.setFormatter(logs.formatter_for(handler.stream))
        self.error_log.filters[:] = [logs.without_query]

    def warning(self, msg: str, *args: object, **options: Any) -> None:
        """As the base class does it. Of a request that cannot be read gunicorn would quote the part that is wrong."""
        wrong = sys.exception()
        if isinstance(wrong, ParseException):
            caller, _, _ = msg.partition(": ")
            msg = f"{caller}: {type(wrong).__name__}"
        super().warning(msg, *args, **options)


def on_starting(server: Any) -> None:
    """Before anything listens: the last checks, now that the command line has been read as well."""
    try:
        check_workers(_settings, server.cfg.workers)
        check_central(_settings, server.cfg.address)
        if _demo_key:
            _refuse_taken_port(server.cfg.address)
        lift_cooldowns(_settings)
    except CentralServerError as error:
        _stop(error)
    _hand_over(server)


def on_reload(server: Any) -> None:
    """After a HUP: the workers to come get the settings that were just read."""
    _hand_over(server)


def when_ready(server: Any) -> None:
    """Once, when the master listens."""
    server.reload = partial(handover.reload_if_right, os.environ, server.reload)


def post_fork(server: Any, worker: Worker) -> None:  # noqa: ARG001 - gunicorn calls it so
    """Each worker reads the settings; what is to be said about them was said once."""
    for name in ("app.settings", "app.accounts.js_domains"):
        logging.getLogger(name).setLevel(logging.ERROR)
    atexit.unregister(shutil.rmtree)  # the folder is the master's


def child_exit(server: Any, worker: Worker) -> None:  # noqa: ARG001 - gunicorn calls it so
    """A worker is gone. What it counted stays, what it was is over."""
    mark_process_dead(worker.pid)


def post_worker_init(worker: Worker) -> None:
    """The worker is ready to answer; it keeps the credentials warm from now on, which needs no caller."""
    # What was imported stays: to look through all of it at each full collection stops everybody for 40 ms.
    gc.collect()
    gc.freeze()
    worker.refresher = worker.wsgi.extensions[EXTENSION].refresher()
    worker.refresher.start()
    if _demo_key and worker.age == 1:
        host, port = worker.cfg.address[0]
        sys.stdout.write(welcome(f"http://{host}:{port}", _settings.api_base[0], _demo_key))
        sys.stdout.flush()


def worker_exit(server: Any, worker: Worker) -> None:  # noqa: ARG001 - gunicorn calls it so
    """The worker goes, and the fetches that it began come to their end."""
    if hasattr(worker, "refresher"):  # not if it never got that far
        worker.refresher.stop()
        worker.refresher.wait(_settings.timing.fetch_deadline_seconds)
        wait_for_background_refreshes(_settings.timing.fetch_deadline_seconds)


def _hand_over(server: Any) -> None:
    """`--threads` wins, and says how many callers may wait."""
    handover.settings = _settings.model_copy(update={"threads": server.cfg.threads})


def _refuse_taken_port(addresses: Iterable[tuple[str, int]]) -> None:
    for host, port in addresses:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    _stop(f"Port {port} is taken. Stop what listens there, or choose another: make run PORT={port + 1}")
