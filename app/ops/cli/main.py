"""The command `wechat-central`: status, refresh, retry and doctor, beside a server whose store it shares."""

import json
import os
import sys

from ... import logging as logs
from ...errors import SettingsError
from ...redaction import hide
from ...services import Services, build_services
from ...settings import load_settings
from .group import group

SETTINGS_WRONG = 4
"""exit status"""


def main() -> None:
    """Run one command with the settings of the environment. Exit status 4 if they are wrong."""
    logs.configure(sys.stderr)
    group.main(prog_name="wechat-central", obj=_services)


def _services() -> Services:
    try:
        settings = load_settings(os.environ)
    except SettingsError as error:
        if "--json" in sys.argv:
            document = {"well": False, "problems": error.problems}
            sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")
        sys.stderr.write(f"The settings are wrong.\n{error}\n")
        sys.exit(SETTINGS_WRONG)
    hide(settings.confidential)
    return build_services(settings)


if __name__ == "__main__":
    main()
