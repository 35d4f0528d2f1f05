"""Every setting: name, default, unit, meaning. A wrong one stops the start."""

from .settings import Settings, load_settings, settings_table
from .sources import SECRETS
from .timing import Seconds, Timing
