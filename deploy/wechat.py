#!/usr/bin/env python3
"""Run `flask wechat ...` as a running systemd unit would: with its user, its environment and its copies of the secrets.

    sudo deploy/wechat.py status
    sudo deploy/wechat.py doctor --json

`WECHAT_UNIT` names another unit than wechat-central-server@internal.service.
"""

import os
import pwd
import subprocess
import sys
from pathlib import Path

UNIT = os.environ.get("WECHAT_UNIT", "wechat-central-server@internal.service")


def main() -> None:
    """Become the unit's user, then the command."""
    show = ["systemctl", "show", "--property=MainPID", "--value", UNIT]
    pid = subprocess.run(show, check=True, capture_output=True, text=True).stdout.strip()  # noqa: S603 -- not a caller's
    if pid in ("", "0"):
        sys.exit(f"{UNIT} does not run: start it, or name another one by WECHAT_UNIT.")
    server = Path("/proc", pid)
    try:
        variables = (server / "environ").read_text("utf-8", "surrogateescape").split("\0")
        folder, user = (server / "cwd").readlink(), pwd.getpwnam(server.owner())
    except PermissionError:
        sys.exit(f"The environment of {UNIT} is root's to read: use sudo.")
    if os.geteuid() == 0:
        os.initgroups(user.pw_name, user.pw_gid)
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
    os.chdir(folder)
    flask = str(folder / ".venv" / "bin" / "flask")
    environment = dict(variable.split("=", 1) for variable in variables if variable)
    os.execve(flask, [flask, "--app", "wsgi", "wechat", *sys.argv[1:]], environment)  # noqa: S606 -- needs no shell


if __name__ == "__main__":
    main()
