"""What a WSGI server runs: `gunicorn wsgi:app`."""

import json
import sys

from app import create_app, logs
from app.exceptions import SettingsError

SETTINGS_WRONG = 4
"""the exit status with which a worker tells gunicorn not to try again"""

HELP_SETTINGS = {"WECHAT_APPID": f"wx{0:016}", "WECHAT_SECRET": "nobody's"}
"""of nobody: help asks for nothing, and is wanted most where the settings are wrong"""

logs.configure(sys.stderr)
try:
    app = create_app(HELP_SETTINGS if "--help" in sys.argv else None)
except SettingsError as error:
    if "--json" in sys.argv:  # a script reads what `flask wechat status` or `doctor` says
        sys.stdout.write(json.dumps({"well": False, "problems": error.problems}, ensure_ascii=False, indent=2) + "\n")
    sys.stderr.write(f"The settings are wrong.\n{error}\n")
    sys.exit(SETTINGS_WRONG)
