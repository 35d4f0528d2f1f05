"""What an operator can repair, by the command line and the console: end cooldowns, fetch a credential now."""

from ..account_services import AccountServices
from ..accounts import KINDS, Account
from ..services import Services
from ..stores import Credential
from ..wechat import lift


def retry(services: Services, account: Account, *, by: str) -> None:
    """End the account's cooldowns, in the name of `by`. Raises StoreUnavailable."""
    lift(services.store, account.appid)
    if services.store.failure:  # they ended in this process's memory alone
        raise services.store.failure
    services.events.record(account.appid, "lifted", by=by)


def objection(of_account: AccountServices, credential: str, *, force: bool) -> str | None:
    """Why the credential cannot be fetched, or not by force; None if it can."""
    account = of_account.account
    if all(provider.key.credential != credential for provider in of_account.providers):
        return f"{account.name} is {KINDS[account.kind]}: WeChat gives it no {credential}."
    if force and credential != "access_token":
        return "Force: WeChat hands out the same ticket all its life, and nothing changes that."
    if force and account.token_mode == "classic":  # noqa: S105 -- a mode
        return "Force is for stable tokens; in classic mode each fetch replaces the token anyway."
    return None


def refresh(
    services: Services, account: Account, credential: str, *, by: str, force: bool = False
) -> tuple[Credential, bool]:
    """The credential, fetched now, and whether its value is unchanged. Check for an `objection` first.

    `force` revokes the current access_token for all its users. Raises the error of the fetch or of a cooldown.
    """
    provider = next(one for one in services.for_account(account).providers if one.key.credential == credential)
    before = provider.peek()
    if force:
        services.events.record(account.appid, "forced", credential=credential, by=by)
    after = provider.renew(force=force)
    return after, before is not None and before.value == after.value
