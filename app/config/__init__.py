"""Settings: settings.py is the table of them; a wrong one stops the start."""

from .central import check_central
from .reading import check_workers, load_settings
from .settings import Settings, settings_table

__all__ = ["Settings", "check_central", "check_workers", "load_settings", "settings_table"]
