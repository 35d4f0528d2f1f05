"""`wechat-central refresh`: fetch a credential now, for all workers and nodes."""

import sys

import click

from ...accounts import Account
from ...credentials import CredentialProvider
from ...errors import WeChatError
from ...services import Services
from ...stores import Credential
from ..doctor import advice
from . import parameters
from .terminal import Terminal, duration

_COST = (
    "WeChat kills the access_token of {account} at once for everybody who uses it: other servers fail until they ask "
    "this one again. WeChat allows it 20 times a day, 30 s apart. Go on?"
)


@click.command()
@click.argument("account", callback=parameters.account)
@click.argument("credential", type=click.Choice(["access_token", "jsapi_ticket"]))
@click.option("--force", is_flag=True, help="Kill the stable access_token that everybody uses, and get another.")
@click.option("--yes", is_flag=True, help="Do not ask whether to go on.")
@click.pass_obj
def refresh(terminal: Terminal, account: Account, credential: str, force: bool, yes: bool) -> None:
    """Fetch a credential from WeChat now.

    ACCOUNT is a name or an appid; in central mode the central server is asked. All workers and nodes share what comes;
    a fetch that is under way counts. During a cooldown WeChat is not asked, and the command says why: mend that, then
    use `retry`.
    """
    services = parameters.services()
    parameters.require_open_store(terminal, services)
    provider = _provider(services, account, credential)
    if force:
        _check_force(account, credential)
        if not yes:
            click.confirm(_COST.format(account=account.name), abort=True)
    before = provider.peek()
    try:
        after = provider.renew(force=force)
    except WeChatError as error:
        terminal.line(f"Not fetched: {error}", fg="red")
        if error.failed_at is not None:
            terminal.line(_not_asked(error, services.clock() - error.failed_at, account))
        terminal.advice(advice(error, account))
        sys.exit(1)
    terminal.line(_said(account, credential, before, after, services.clock()))


def _provider(services: Services, account: Account, credential: str) -> CredentialProvider:
    for provider in services.for_account(account).providers:
        if provider.key.credential == credential:
            return provider
    raise click.UsageError(f"{account.name} is a mini program: WeChat gives it no {credential}.")


def _not_asked(error: WeChatError, seconds_ago: float, account: Account) -> str:
    return (
        f"That was {duration(seconds_ago)} ago; {_giver(account)} was not asked now, and is left alone for "
        f"{duration(error.retry_after)} more. Once the cause is mended, this ends the cooldown: "
        f"wechat-central retry {account.name}"
    )


def _giver(account: Account) -> str:
    return "the central server" if account.token_mode == "central" else "WeChat"  # noqa: S105 -- a mode


def _check_force(account: Account, credential: str) -> None:
    if credential != "access_token":
        raise click.UsageError("--force: WeChat hands out the same ticket all its life, and nothing changes that.")
    if account.token_mode == "central":  # noqa: S105 -- a mode
        raise click.UsageError("--force: in central mode nothing is fetched from here. Run it on the central server.")
    if account.token_mode == "classic":  # noqa: S105 -- a mode
        raise click.UsageError("--force is for stable tokens; in classic mode each fetch replaces the token anyway.")


def _said(account: Account, credential: str, before: Credential | None, after: Credential, now: float) -> str:
    same = before is not None and before.value == after.value
    what = f"{_giver(account)} gives the same one again" if same else "fetched"
    left = duration(after.expires_at - now)
    return f"{credential} of {account.name}: {what}, generation {after.generation}, {left} left."
