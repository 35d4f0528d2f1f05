"""`wechat-central refresh` and `retry`: fetch a credential now, or let the server fetch again."""

import sys
from time import sleep

import click

from ...accounts import Account
from ...errors import WeChatError
from .. import repairs
from ..hints import advice
from . import parameters
from .terminal import Terminal, duration

_COST = (
    "WeChat revokes the access_token of {account} at once for all its users: other servers fail until they ask this "
    "one again. WeChat allows it 20 times a day, 30 s apart. Go on?"
)
_BY = "command line"
_FORCED_APART_SECONDS = 31
"""WeChat ignores a forced refresh within 30 s of the one before (WECHAT.md 1.2)"""


@click.command()
@click.argument("account", callback=parameters.account)
@click.argument("credential", type=click.Choice(["access_token", "jsapi_ticket"]))
@click.option("--force", is_flag=True, help="Revoke the current stable access_token, and get another.")
@click.option("--leaked", is_flag=True, help="Force twice, 31 s apart, as WeChat demands for a leaked token.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.pass_obj
def refresh(terminal: Terminal, account: Account, credential: str, force: bool, leaked: bool, yes: bool) -> None:
    """Fetch a credential from WeChat now.

    ACCOUNT is a name or an appid. All workers and nodes share the result; a fetch that is under way counts. During a
    cooldown WeChat is not asked, and the command says why: repair that, then use `retry`.
    """
    services = parameters.services()
    parameters.require_store(terminal, services, decrypted=True)
    if objection := repairs.objection(services.for_account(account), credential, force=force or leaked):
        raise click.UsageError(objection)
    if (force or leaked) and not yes:
        click.confirm(_COST.format(account=account.name), abort=True)
    try:
        after, same = repairs.refresh(services, account, credential, by=_BY, force=force or leaked)
        if leaked:
            terminal.line(
                f"The first of two forced refreshes is done; the second follows in {_FORCED_APART_SECONDS} s."
            )
            sleep(_FORCED_APART_SECONDS)
            after, same = repairs.refresh(services, account, credential, by=_BY, force=True)
    except WeChatError as error:
        terminal.line(f"Not fetched: {error}", fg="red")
        if error.failed_at is not None:
            ago, left = duration(services.clock() - error.failed_at), duration(error.retry_after)
            terminal.line(
                f"That was {ago} ago; WeChat was not asked now, nor will be for {left} more. Once the "
                f"cause is repaired, this ends the cooldown: wechat-central retry {account.name}"
            )
        terminal.advice(advice(error, account))
        sys.exit(1)
    what = "WeChat gives the same one again" if same else "fetched"
    left = duration(after.expires_at - services.clock())
    terminal.line(f"{credential} of {account.name}: {what}, generation {after.generation}, {left} left.")


@click.command()
@click.argument("account", callback=parameters.account)
@click.pass_obj
def retry(terminal: Terminal, account: Account) -> None:
    """End an account's cooldowns.

    ACCOUNT is a name or an appid. Fetches nothing by itself: the server does, once it needs to.
    """
    services = parameters.services()
    parameters.require_store(terminal, services)
    repairs.retry(services, account, by=_BY)
    terminal.line(f"{account.name}: all cooldowns are over. The server asks WeChat again within a minute.")
