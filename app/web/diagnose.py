"""Diagnosis of a signature. No answer holds string1 or the right signature."""

from ..accounts import Account, ApiKey
from ..jssdk import NEEDS, Claim, account_for, diagnose, hint, is_listed, was_made_with
from . import auth
from .credentials import tickets_of
from .current import current_services
from .endpoint import Endpoint, Endpoints
from .jssdk import HEADERS, PREFIX
from .problems import FROM_WECHAT
from .schemas.base import Hint
from .schemas.jssdk import Diagnosis, Signature

_BODY_BYTES = 16 * 1024

blueprint = Endpoints("diagnose", __name__, listener="public", tag="Pages", headers=HEADERS)


@blueprint.view(
    Endpoint(
        "POST",
        PREFIX + "diagnose",
        {200: Diagnosis},
        scope="diagnose",
        body=Signature,
        body_bytes=_BODY_BYTES,
        problems=FROM_WECHAT,
    )
)
def diagnose_signature(key: ApiKey, given: Signature) -> Diagnosis:
    """Say what is wrong with a signature.

    Compared with the account's current ticket. The answer holds neither string1 nor the right signature.
    """
    claim = Claim(given.url, given.timestamp, given.nonceStr, given.signature, given.landing_url, given.wx_card_ticket)
    accounts = current_services().accounts
    account = auth.chosen_account(key, given.account or given.appId, lambda: account_for(accounts, claim.url))
    ticket = tickets_of(account).get()
    mistakes = ("other_account",) if _is_of_another(key, account, claim) else diagnose(claim, ticket.value)
    listed = is_listed(account, claim.url)
    return Diagnosis(
        account=account.name,
        valid=mistakes == () and listed,
        listed=listed,
        mistakes=list(mistakes or ()),
        untried=[name for name in NEEDS if getattr(claim, name) is None] if mistakes is None else [],
        hint=Hint(**hint(mistakes, listed=listed, older=claim.timestamp < ticket.first_seen_at)),
    )


def _is_of_another(key: ApiKey, account: Account, claim: Claim) -> bool:
    """Whether a stored ticket of another account that the key may use made the signature."""
    services = current_services()
    others = [
        services.for_account(other)
        for other in services.accounts
        if other != account and key.allows_account(other.name)
    ]
    stored = [other.jsapi_ticket.peek() for other in others if other.jsapi_ticket]
    return any(ticket and was_made_with(claim, ticket.value) for ticket in stored)
