"""The doors for other business servers: the current access_token or jsapi_ticket, and a successor if it is refused."""

import logging
import math

from flask import Blueprint, Response

from ..accounts import ApiKey
from ..credential import Credential
from ..provider import CredentialProvider
from ..services import current_services
from . import access, parameters
from .answers import json_answer
from .refusals import ParameterWrong

LEAST_SECONDS = 30
"""`expires_in` is no shorter, as long as the credential lives"""
CACHE_SECONDS = 60
"""how long a caller may keep a credential without asking again; WeChat's own advice (WECHAT.md 1.1)"""

blueprint = Blueprint("credentials", __name__)

_log = logging.getLogger(__name__)


@blueprint.get("/api/access_token")
def access_token() -> Response:
    """The current access_token of an account."""
    key = access.require("token")
    provider = _access_tokens(key, parameters.query("account"))
    return _hand_out(key, provider, provider.get(), "access_token")


@blueprint.post("/api/access_token/refresh")
def access_token_refresh() -> Response:
    """WeChat refused `rejected`: the access_token to use instead."""
    key = access.require("token")
    given = parameters.json_body("rejected", "account")
    provider = _access_tokens(key, given)
    return _hand_out(key, provider, provider.refresh(parameters.required(given, "rejected")), "access_token")


@blueprint.get("/api/jsapi_ticket")
def jsapi_ticket() -> Response:
    """The current jsapi_ticket of an account."""
    key = access.require("ticket")
    provider = _tickets(key, parameters.query("account"))
    return _hand_out(key, provider, provider.get(), "ticket")


@blueprint.post("/api/jsapi_ticket/refresh")
def jsapi_ticket_refresh() -> Response:
    """A page was told that its signature is invalid, signed with `rejected`: the jsapi_ticket to use instead."""
    key = access.require("ticket")
    given = parameters.json_body("rejected", "account")
    provider = _tickets(key, given)
    return _hand_out(key, provider, provider.refresh(parameters.required(given, "rejected")), "ticket")


def promised_seconds(credential: Credential, now: float) -> int:
    """How long a caller may trust the credential: until it is STALE, so that nobody who does ever uses a dead one."""
    alive = math.floor(credential.expires_at - now)
    return max(0, min(alive, max(LEAST_SECONDS, math.floor(credential.stale_at - now))))


def _access_tokens(key: ApiKey, given: dict[str, str]) -> CredentialProvider:
    services = current_services()
    return services.desk(access.chosen_account(key, given, services.accounts.first)).access_token


def _tickets(key: ApiKey, given: dict[str, str]) -> CredentialProvider:
    services = current_services()
    account = access.chosen_account(key, given, lambda: services.accounts.first("official"))
    tickets = services.desk(account).jsapi_ticket
    if tickets is None:
        raise ParameterWrong(f"The account {account.name} is a mini program: WeChat gives it no jsapi_ticket.")
    return tickets


def _hand_out(key: ApiKey, provider: CredentialProvider, credential: Credential, name: str) -> Response:
    _log.info(
        "%(credential)s of %(appid)s, generation %(generation)d, handed to %(key_name)s",
        {**provider.key._asdict(), "generation": credential.generation, "key_name": key.name},
    )
    now = current_services().clock()
    expires_in = promised_seconds(credential, now)
    return json_answer(
        {
            name: credential.value,
            "expires_in": expires_in,
            "expires_at": int(now) + expires_in,
            "cache_seconds": min(CACHE_SECONDS, expires_in),
        }
    )
