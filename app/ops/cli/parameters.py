"""What commands share: the services, the ACCOUNT argument, and checks of the store before it is used."""

from collections.abc import Callable

import click

from ...accounts import Account
from ...errors import UnknownAccount
from ...services import Services
from ..doctor import find_no_file, find_sealed
from .terminal import Terminal

SERVICES = "app.services"
"""the key in the context's `meta` of the function that builds the services"""


def services() -> Services:
    """The services of this command, built when first needed."""
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


def require_store(terminal: Terminal, services: Services, *, decrypted: bool = False) -> None:
    """Refuse a store that is not shared or does not exist yet: the server creates it, as its own user.

    `decrypted`: refuse also one with credentials that this command's keys do not decrypt. Raises StoreUnavailable.
    """
    require_shared_store(services)
    finding = find_no_file(services.settings.store_url)
    if finding is None and decrypted:
        finding = find_sealed(services)
    if finding:
        raise click.ClickException(terminal.with_advice(finding.found, finding.advice))
