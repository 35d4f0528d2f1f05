"""What a WSGI server runs: `gunicorn wsgi:app`."""

import sys

from app import create_app
from app import logging as logs
from app.errors import SettingsError

logs.configure(sys.stderr)
try:
    app = create_app()
except SettingsError as error:
    sys.stderr.write(f"The settings are wrong.\n{error}\n")
    sys.exit(error.exit_status)
