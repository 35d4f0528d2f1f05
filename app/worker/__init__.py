"""gunicorn's threaded worker, in which a caller who sends half a request, or nothing, keeps nobody else waiting."""

from .worker import BoundedWorker

__all__ = ["BoundedWorker"]
