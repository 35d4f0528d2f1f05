"""`flask --app wsgi wechat ...`: for whoever is on call."""

from .group import wechat

__all__ = ["wechat"]
