"""What is given on the command line: accounts, and which of them have what."""

import click

from ..accounts import Account
from ..exceptions import UnknownAccount
from ..services import Services, current_services


def account(_ctx: click.Context, _argument: click.Parameter, value: str) -> Account:
    """The account of this name or appid, for an argument's callback."""
    accounts = current_services().accounts
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
