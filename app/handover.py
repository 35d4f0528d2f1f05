"""What gunicorn's master hands to the workers that it forks: settings that it has read and found right.

A worker that takes the place of a dead one begins with those of the others, whatever the files say by then.
"""

from .config import Settings

settings: Settings | None = None
"""None: nobody has read any, as on the command line"""
