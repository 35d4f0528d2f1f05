"""In a checkout: gunicorn's settings. Its own options win: `--bind`, `--workers`, `--threads`."""

from app.serving.gunicorn_server import configuration

globals().update(configuration(), wsgi_app="wsgi:app")
