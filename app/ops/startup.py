"""Start of a server: what gunicorn and granian have in common."""

import gc
import logging
import sys
from collections.abc import Iterable, Mapping
from multiprocessing.util import Finalize
from typing import NoReturn

from ..accounts import PageUrl, is_loopback
from ..errors import CentralServerError, SettingsError
from ..redaction import hide
from ..services import Services, lift_cooldowns
from ..settings import Settings, load_settings
from ..version import __version__

_ALL_ADDRESSES = ("", "0.0.0.0", "::", "[::]")  # noqa: S104 -- compared with, not bound

_log = logging.getLogger(__name__)


def settings_or_exit(environ: Mapping[str, str]) -> Settings:
    """The settings, their secrets masked in logs from now on. If one is wrong, print that and exit."""
    try:
        settings = load_settings(environ)
    except SettingsError as error:
        _exit(error)
    hide(settings.confidential)
    return settings


def check_workers(settings: Settings, workers: int) -> None:
    """Refuse a store in memory for several worker processes. Raises SettingsError."""
    if workers > 1 and settings.store_url == "memory://":
        what = f"memory:// is for one worker, {workers} workers would invalidate each other's tokens"
        raise SettingsError([f"WECHAT_STORE_URL: {what}; right is, for example: sqlite:///instance/credentials.db"])


def prepare_or_exit(settings: Settings, workers: int, addresses: Iterable[object]) -> None:
    """Check the settings against `workers` and the addresses to listen at (host and port), and lift all cooldowns."""
    addresses = list(addresses)
    try:
        check_workers(settings, workers)
        check_api_base(settings, addresses)
        lift_cooldowns(settings)
    except CentralServerError as error:
        _exit(error)
    _log.info("starting version=%s listener=%s workers=%s", __version__, settings.listener, workers)
    if settings.mock == "allow":
        _log.warning("WECHAT_MOCK=allow: a mock answers in place of WeChat api_base=%s", ",".join(settings.api_base))
    if settings.listener != "internal" and not settings.trusted_proxies:
        for address in addresses:
            if isinstance(address, tuple) and not is_loopback(address[0]):
                _log.warning(
                    "no proxy in front: slow callers can hold all threads; run nginx and name it in "
                    "WECHAT_TRUSTED_PROXIES listener=%s address=%s:%s",
                    *(settings.listener, *address[:2]),
                )


def check_api_base(settings: Settings, addresses: Iterable[object]) -> None:
    """Refuse a WECHAT_API_BASE that is this server: each call would come back to it. Raises SettingsError."""
    for base in map(PageUrl.parse, settings.api_base):
        for address in addresses:
            if isinstance(address, tuple) and base.port == address[1] and _same_host(base.host, str(address[0])):
                what = "is this server itself; right is WeChat's, or another server's internal listener"
                raise SettingsError([f"WECHAT_API_BASE: {what}"])


def _same_host(named: str, bound: str) -> bool:
    if bound in _ALL_ADDRESSES:
        return is_loopback(named)  # other names are not resolved
    return named.strip("[]") == bound.strip("[]") or (named == "localhost" and is_loopback(bound))


def mute_settings_warnings() -> None:
    """In a worker, which reads the settings for itself: its parent has logged the warnings."""
    for module in ("settings", "accounts.js_domains"):
        logging.getLogger(f"{__name__.removesuffix('ops.startup')}{module}").setLevel(logging.ERROR)


def keep_warm(services: Services) -> None:
    """In a worker: keep the credentials warm until the process exits. A fetch that has begun may end."""
    gc.collect()
    gc.freeze()  # else each full collection takes 40 ms for all that was imported
    refresher = services.refresher()
    refresher.start()
    # atexit's functions do not run in granian's workers, which multiprocessing starts; this one runs on both servers.
    Finalize(None, refresher.stop, [services.settings.timing.fetch_deadline_seconds], exitpriority=0)


def _exit(error: CentralServerError) -> NoReturn:
    sys.stderr.write(f"The server does not start.\n{error}\n")
    sys.exit(SettingsError.exit_status)
