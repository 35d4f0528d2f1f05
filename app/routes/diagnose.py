"""The door for developers: what is wrong with a signature? Neither string1 nor the right signature is ever told."""

import re

from flask import Blueprint, Response

from ..accounts import MAX_URL_CHARACTERS, Account, ApiKey
from ..credential import Credential
from ..diagnosis import NEEDS, Claim, account_for, diagnose, hint, is_listed, was_made_with
from ..services import current_services
from . import access, parameters
from .answers import json_answer
from .jssdk import PREFIX
from .refusals import ParameterWrong

_BODY_BYTES = 16 * 1024
_SHA1 = re.compile(r"[0-9a-f]{40}", re.IGNORECASE | re.ASCII)
_MAX_TIMESTAMP = 10**15
_URLS = ("url", "landing_url")
_NAMES = (*_URLS, "timestamp", "nonceStr", "signature", "wx_card_ticket", "account", "appId")

blueprint = Blueprint("diagnose", __name__)


@blueprint.post(PREFIX + "diagnose", provide_automatic_options=False)
def diagnosis() -> Response:
    """Name the mistake with which a signature was made, measured by the account's current jsapi_ticket."""
    key = access.require("diagnose")
    given = parameters.json_body(*_NAMES, limit=_BODY_BYTES, numbers=("timestamp",))
    claim = _claim(given)
    services = current_services()
    account = access.chosen_account(key, _with_account(given), lambda: account_for(services.accounts, claim.url))
    tickets = services.desk(account).jsapi_ticket
    if tickets is None:
        raise ParameterWrong(f"The account {account.name} is a mini program: WeChat gives it no jsapi_ticket.")
    ticket = tickets.get()
    mistakes = diagnose(claim, ticket.value) if not _others(key, account, claim) else ("other_account",)
    return _answer(account, claim, ticket, mistakes)


def _claim(given: dict[str, str]) -> Claim:
    for name in _URLS:
        if len(given.get(name, "")) > MAX_URL_CHARACTERS:
            raise ParameterWrong(f"The parameter {name} may have at most {MAX_URL_CHARACTERS} characters.")
    signature = parameters.required(given, "signature").strip()
    if not _SHA1.fullmatch(signature):
        raise ParameterWrong("The parameter signature must have 40 hexadecimal digits: it is a SHA-1.")
    timestamp = int(parameters.required(given, "timestamp"))
    if not 0 <= timestamp < _MAX_TIMESTAMP:
        raise ParameterWrong("The parameter timestamp must be seconds since 1970.")
    return Claim(
        parameters.required(given, "url"),
        timestamp,
        parameters.required(given, "nonceStr"),
        signature,
        given.get("landing_url"),
        given.get("wx_card_ticket"),
    )


def _with_account(given: dict[str, str]) -> dict[str, str]:
    """The appId of wx.config, which may come along, says whose signature it is unless `account` does."""
    return {"account": given["appId"], **given} if "appId" in given else given


def _others(key: ApiKey, account: Account, claim: Claim) -> bool:
    """Whether it was made with the ticket of another account that the key may use; nothing is fetched for that."""
    services = current_services()
    desks = [services.desk(other) for other in services.accounts if other != account and key.allows_account(other.name)]
    stored = [desk.jsapi_ticket.peek() for desk in desks if desk.jsapi_ticket]
    return any(ticket and was_made_with(claim, ticket.value) for ticket in stored)


def _answer(account: Account, claim: Claim, ticket: Credential, mistakes: tuple[str, ...] | None) -> Response:
    listed = is_listed(account, claim.url)
    return json_answer(
        {
            "account": account.name,
            "valid": mistakes == () and listed,
            "listed": listed,
            "mistakes": list(mistakes or ()),
            "untried": [name for name in NEEDS if getattr(claim, name) is None] if mistakes is None else [],
            "hint": hint(mistakes, listed=listed, older=claim.timestamp < ticket.first_seen_at),
        }
    )
