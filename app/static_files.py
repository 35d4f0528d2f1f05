"""Where the pages' scripts and styles are."""

from pathlib import Path

_INSTALLED = Path(__file__).with_name("static")
_CHECKOUT = Path(__file__).parents[1] / "static"

STATIC = _INSTALLED if _INSTALLED.is_dir() else _CHECKOUT
