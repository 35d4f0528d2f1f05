"""What a WSGI server runs."""

import sys

from .. import create_app
from .. import logging as logs
from ..errors import SettingsError

logs.configure(sys.stderr)
try:
    app = create_app()
except SettingsError as error:
    sys.stderr.write(f"The settings are wrong.\n{error}\n")
    sys.exit(error.exit_status)
