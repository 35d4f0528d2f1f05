"""What a WSGI server runs: `gunicorn wsgi:app`."""

import sys

from app import create_app, logs

logs.configure(sys.stderr)
app = create_app()
