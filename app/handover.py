"""What gunicorn's master hands to the workers that it forks: settings that it has read and found right.

A worker that takes the place of a dead one begins with those of the others, whatever the files say by then.
"""

import logging
from collections.abc import Callable, Mapping

from .exceptions import SettingsError
from .settings import Settings, load_settings

settings: Settings | None = None
"""None: nobody has read any, as on the command line"""

_log = logging.getLogger(__name__)


def reload_if_right(environ: Mapping[str, str], reload: Callable[[], None]) -> None:
    """Reload, unless the settings are wrong by now: then the log says why, and workers and settings of before stay."""
    try:
        load_settings(environ)
    except SettingsError as error:
        for problem in error.problems:
            _log.error("not reloaded, the settings of before stay: %s", problem)
    else:
        reload()
