"""The commands beside a server whose store they share: status, refresh, retry and doctor."""

import json
import os
import sys
from functools import cache
from typing import Any

import click

from ... import logging as logs
from ...errors import CentralServerError, SettingsError, StoreUnavailable
from ...redaction import hide
from ...services import Services, build_services
from ...settings import load_settings
from ...version import __version__
from ..hints import store_hint
from .doctor import doctor
from .parameters import SERVICES, services
from .refresh import refresh, retry
from .status import status
from .terminal import Terminal


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
        sys.exit(error.exit_status)
    hide(settings.confidential)
    return build_services(settings)


class _PlainErrors(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """Invoke the command; print an error in one line, with exit status 1."""
        try:
            return super().invoke(ctx)
        except StoreUnavailable as error:
            hint = store_hint(services().settings.store_url)
            raise click.ClickException(ctx.obj.with_advice(str(error), hint)) from None
        except CentralServerError as error:
            raise click.ClickException(str(error)) from None


@click.group("wechat-central", cls=_PlainErrors)
@click.option(
    "--language",
    metavar="en|zh",
    default="en",
    envvar=["LC_ALL", "LC_MESSAGES", "LANG"],
    help="The language of hints; default: that of LC_ALL, LC_MESSAGES or LANG.",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
@click.pass_context
def group(ctx: click.Context, language: str) -> None:
    """Show the state of the credentials, and repair what can be repaired from here.

    No output has a secret, a token or a ticket.
    """
    ctx.meta[SERVICES] = cache(ctx.obj)  # called after --help, which needs no settings
    ctx.color = False if os.environ.get("NO_COLOR") else None  # None: on a terminal
    ctx.obj = Terminal("zh" if language.lower().startswith("zh") else "en", fancy=sys.stdout.isatty())


for _command in (status, refresh, retry, doctor):
    group.add_command(_command)
