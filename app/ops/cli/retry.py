"""`wechat-central retry`: a person has mended the cause, so WeChat may be asked again."""

import click

from ...accounts import Account
from ...wechat import lift
from . import parameters
from .terminal import Terminal


@click.command()
@click.argument("account", callback=parameters.account)
@click.pass_obj
def retry(terminal: Terminal, account: Account) -> None:
    """End an account's cooldowns.

    ACCOUNT is a name or an appid. Fetches nothing by itself: the server does, once it needs to.
    """
    services = parameters.services()
    parameters.require_store(terminal, services)
    lift(services.store, account.appid)
    if services.store.failure:  # they were ended in memory alone, which ends with this process
        raise services.store.failure
    terminal.line(f"{account.name}: all cooldowns are over. The server asks WeChat again within a minute.")
