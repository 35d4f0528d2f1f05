"""What is given on the command line: accounts, and which of them have what."""

from collections.abc import Callable

import click

from ...accounts import Account
from ...errors import UnknownAccount
from ...services import Services
from ..doctor import Finding, find_no_file, find_sealed
from .terminal import Terminal

SERVICES = "app.services"
"""where the context keeps what builds the services"""


def services() -> Services:
    """The services with which this command works, built when first needed."""
    build: Callable[[], Services] = click.get_current_context().meta[SERVICES]
    return build()


def account(_ctx: click.Context, _argument: click.Parameter, value: str) -> Account:
    """The account of this name or appid, for an argument's callback."""
    accounts = services().accounts
    try:
        return accounts.find(value)
    except UnknownAccount as error:
        known = ", ".join(one.name for one in accounts) or "none is configured"
        raise click.BadParameter(f"{error} Known: {known}") from None


def require_shared_store(services: Services) -> None:
    """Refuse a store that is inside another process."""
    if services.settings.store_url == "memory://":
        raise click.ClickException(
            "With memory:// the credentials are inside the server's process, and this command is another one. "
            "Ask the server (/readyz with an ops key), or use sqlite:///instance/credentials.db."
        )


def require_store(terminal: Terminal, services: Services) -> None:
    """Refuse a store that is not there to be shared; one that nobody has made is made by the server, as its user."""
    require_shared_store(services)
    _refuse(terminal, find_no_file(services.settings.store_url))


def require_open_store(terminal: Terminal, services: Services) -> None:
    """Refuse a store that is not there, or holds what this command's keys do not open. Raises StoreUnavailable."""
    require_store(terminal, services)
    _refuse(terminal, find_sealed(services))


def _refuse(terminal: Terminal, finding: Finding | None) -> None:
    if finding:
        raise click.ClickException(terminal.with_advice(finding.found, finding.advice))
