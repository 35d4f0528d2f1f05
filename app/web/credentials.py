"""The current access_token or jsapi_ticket for other business servers, and a successor if WeChat refuses it."""

import math

from ..accounts import KINDS, Account, ApiKey
from ..credentials import CredentialProvider
from ..errors import AccountKindWrong, NoTokenHere
from ..gateway import is_pass
from ..stores import Credential
from . import audit, auth
from .current import current_services
from .endpoint import Endpoint, Endpoints
from .problems import FROM_WECHAT
from .reading import ParameterWrong
from .schemas.credentials import AccessToken, OfAccount, Rejected, Ticket

LEAST_SECONDS = 61
"""`expires_in` is no shorter, as long as the credential lives: an SDK refuses less (WECHAT.md 11a)"""
CACHE_SECONDS = 60
"""how long a caller may keep a credential without asking again; WeChat's own advice (WECHAT.md 1.1)"""

_PROBLEMS = (*FROM_WECHAT, NoTokenHere, AccountKindWrong)

blueprint = Endpoints("credentials", __name__, listener="internal", tag="Credentials")


@blueprint.view(
    Endpoint("GET", "/api/access_token", {200: AccessToken}, scope="token", query=OfAccount, problems=_PROBLEMS)
)
def get_access_token(key: ApiKey, given: OfAccount) -> AccessToken:
    """The current access_token."""
    provider = _access_tokens(key, given.account)
    return _access_token(key, provider, provider.get())


@blueprint.view(
    Endpoint("POST", "/api/access_token/refresh", {200: AccessToken}, scope="token", body=Rejected, problems=_PROBLEMS)
)
def refresh_access_token(key: ApiKey, given: Rejected) -> AccessToken:
    """WeChat refused this access_token: the one to use instead.

    Fetches a new one only if `rejected` is still the current one, and within a budget: the same one may come back.
    """
    provider = _access_tokens(key, given.account)
    return _access_token(key, provider, provider.refresh(given.rejected))


@blueprint.view(
    Endpoint("GET", "/api/jsapi_ticket", {200: Ticket}, scope="ticket", query=OfAccount, problems=FROM_WECHAT)
)
def get_jsapi_ticket(key: ApiKey, given: OfAccount) -> Ticket:
    """The current jsapi_ticket."""
    provider = _tickets(key, given.account)
    credential = provider.get()
    return Ticket(ticket=credential.value, **_times(key, provider, credential))


@blueprint.view(
    Endpoint("POST", "/api/jsapi_ticket/refresh", {200: Ticket}, scope="ticket", body=Rejected, problems=FROM_WECHAT)
)
def refresh_jsapi_ticket(key: ApiKey, given: Rejected) -> Ticket:
    """WeChat refused a signature of this jsapi_ticket: the one to use instead.

    Fetches a new one only if `rejected` is still the current one, and within a budget: the same one may come back.
    """
    provider = _tickets(key, given.account)
    credential = provider.refresh(given.rejected)
    return Ticket(ticket=credential.value, **_times(key, provider, credential))


def promised_seconds(credential: Credential, now: float) -> int:
    """How long a caller may trust the credential: until STALE begins, so that no caller uses an expired one.

    Never longer than WeChat said, also after the clock was set back.
    """
    now = max(now, credential.obtained_at)
    alive = math.floor(credential.expires_at - now)
    return max(0, min(alive, max(LEAST_SECONDS, math.floor(credential.stale_at - now))))


def tickets_of(account: Account) -> CredentialProvider:
    """The provider of the account's tickets. Raises ParameterWrong: only official accounts have one."""
    tickets = current_services().for_account(account).jsapi_ticket
    if tickets is None:
        raise ParameterWrong(f"The account {account.name} is {KINDS[account.kind]}: WeChat gives it no jsapi_ticket.")
    return tickets


def _access_tokens(key: ApiKey, name: str | None) -> CredentialProvider:
    services = current_services()
    return services.for_account(auth.chosen_account(key, name, services.accounts.first)).access_token


def _access_token(key: ApiKey, provider: CredentialProvider, credential: Credential) -> AccessToken:
    if is_pass(credential.value):
        raise NoTokenHere
    return AccessToken(access_token=credential.value, **_times(key, provider, credential))


def _tickets(key: ApiKey, name: str | None) -> CredentialProvider:
    return tickets_of(auth.chosen_account(key, name, lambda: current_services().accounts.first("official")))


def _times(key: ApiKey, provider: CredentialProvider, credential: Credential) -> dict[str, int]:
    """Log that the credential is handed out; return how long the caller may use it."""
    audit.record(f"{provider.key.credential} handed out", key, provider.key.appid)
    now = current_services().clock()
    expires_in = promised_seconds(credential, now)
    return {
        "expires_in": expires_in,
        "expires_at": int(now) + expires_in,
        "cache_seconds": min(CACHE_SECONDS, expires_in),
    }
