"""The server on a clock that tests move: `gunicorn tests.e2e.wsgi_clock:app`.

Real time plus the seconds in the file that CLOCK_OFFSET_FILE names; all workers read it.
"""

import os
import sys
import time
from pathlib import Path

from app import create_app
from app import logging as logs
from app.services import build_services
from app.settings import load_settings

_OFFSET = Path(os.environ["CLOCK_OFFSET_FILE"])


def clock() -> float:
    """Unix seconds. The file is small and in the page cache: reading it takes some 20 us."""
    return time.time() + float(_OFFSET.read_text())


logs.configure(sys.stderr)
_settings = load_settings(os.environ)
app = create_app(_settings, services=build_services(_settings, clock=clock))
