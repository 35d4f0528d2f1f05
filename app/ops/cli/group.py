"""The group that the commands stand in: language, colour, and errors in plain lines."""

import sys
from collections.abc import Callable
from functools import cache
from typing import Any

import click
from click.core import ParameterSource

from ...errors import CentralServerError, StoreUnavailable
from ...services import Services, wait_for_background_refreshes
from ..doctor import store_hint
from .doctor import doctor
from .parameters import SERVICES, services
from .refresh import refresh
from .retry import retry
from .status import status
from .terminal import Terminal

_COLORS = {"auto": None, "always": True, "never": False}


class _PlainErrors(click.Group):
    def invoke(self, ctx: click.Context) -> Any:
        """As the base class does it; what goes wrong is said in a line, with exit status 1."""
        try:
            return super().invoke(ctx)
        except StoreUnavailable as error:
            hint = store_hint(services().settings.store_url)
            raise click.ClickException(ctx.obj.with_advice(str(error), hint)) from None
        except CentralServerError as error:
            raise click.ClickException(str(error)) from None


def _language(_ctx: click.Context, _option: click.Parameter, value: str) -> str:
    return "zh" if value.lower().startswith("zh") else "en"


def _color(ctx: click.Context, _option: click.Parameter, value: str) -> bool | None:
    if ctx.get_parameter_source("color") is ParameterSource.ENVIRONMENT:
        return False  # NO_COLOR, whatever it says
    if value not in _COLORS:
        raise click.BadParameter("is auto, always or never")
    return _COLORS[value]


@click.group("wechat-central", cls=_PlainErrors)
@click.option(
    "--language",
    metavar="en|zh",
    default="en",
    envvar=["LC_ALL", "LC_MESSAGES", "LANG"],
    callback=_language,
    help="In which language to say what to do; left out: that of LC_ALL, LC_MESSAGES or LANG.",
)
@click.option(
    "--color",
    metavar="auto|always|never",
    default="auto",
    envvar="NO_COLOR",
    callback=_color,
    help="auto: on a terminal, unless NO_COLOR is set.",
)
@click.pass_context
def group(ctx: click.Context, language: str, color: bool | None) -> None:
    """Show the state of the credentials, and mend what can be mended from here.

    Nothing here shows a secret, a token or a ticket.
    """
    build: Callable[[], Services] = cache(ctx.obj)  # after --help: that needs no settings
    ctx.meta[SERVICES] = build
    ctx.color = color
    ctx.obj = Terminal("zh" if language == "zh" else "en", fancy=sys.stdout.isatty())
    ctx.call_on_close(lambda: _close(build()) if build.cache_info().currsize else None)  # type: ignore[attr-defined] # of cache


def _close(services: Services) -> None:
    wait_for_background_refreshes(services.settings.timing.fetch_deadline_seconds)
    services.store.close()


for _command in (status, refresh, retry, doctor):
    group.add_command(_command)
