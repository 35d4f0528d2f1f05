"""The command line for people on call: `wechat-central ...`, and `flask wechat ...` in an embedding app."""

from .group import wechat

__all__ = ["wechat"]
