"""The command `wechat-central` (`python -m app` is the same): status, refresh, retry and doctor, beside a server."""

import json
import sys

from flask import Flask
from flask.cli import ScriptInfo

from . import create_app, logs
from .cli import wechat
from .exceptions import SettingsError

SETTINGS_WRONG = 4
"""exit status"""

_HELP_SETTINGS = {"WECHAT_APPID": f"wx{0:016}", "WECHAT_SECRET": "unused"}
"""click makes the app before it prints a subcommand's help, which must not fail where the settings are wrong"""


def main() -> None:
    """Run one command with the settings of the environment. Exit status 4 if they are wrong."""
    logs.configure(sys.stderr)
    wechat.main(prog_name="wechat-central", obj=ScriptInfo(create_app=_app))


def _app() -> Flask:
    try:
        return create_app(_HELP_SETTINGS if "--help" in sys.argv else None)
    except SettingsError as error:
        if "--json" in sys.argv:
            sys.stdout.write(
                json.dumps({"well": False, "problems": error.problems}, ensure_ascii=False, indent=2) + "\n"
            )
        sys.stderr.write(f"The settings are wrong.\n{error}\n")
        sys.exit(SETTINGS_WRONG)


if __name__ == "__main__":
    main()
