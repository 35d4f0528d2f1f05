"""In a checkout: `gunicorn wsgi:app`. Where the package is installed, `wechat-central serve` is the same."""

from app.serving.wsgi import app

__all__ = ["app"]
