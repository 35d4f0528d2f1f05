"""Settings: settings.py is the table of them; a wrong one stops the start."""

from .central import check_central
from .reading import check_workers, load_settings
from .secret_files import secret_in_file
from .settings import Settings, settings_table

__all__ = ["Settings", "check_central", "check_workers", "load_settings", "secret_in_file", "settings_table"]
