"""What a WSGI server runs: `gunicorn wsgi:app`."""

import sys

from app import create_app
from app import logging as logs
from app.errors import SettingsError

SETTINGS_WRONG = 4
"""the exit status with which a worker tells gunicorn not to try again"""

logs.configure(sys.stderr)
try:
    app = create_app()
except SettingsError as error:
    sys.stderr.write(f"The settings are wrong.\n{error}\n")
    sys.exit(SETTINGS_WRONG)
