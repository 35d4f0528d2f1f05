"""Writes one call down: who called, with which token, what was said, and what deserves a note."""

import hashlib
import json
from dataclasses import dataclass

from .api import ENDPOINTS, Exchange
from .calls import Call, Generation, Mask, TokenState
from .issued import Issued
from .wire import Response

_ISSUING = ("/cgi-bin/token", "/cgi-bin/stable_token", "/cgi-bin/ticket/getticket")


@dataclass(frozen=True)
class Caller:
    """Whose call it is, as far as it says, and what its access_token was worth before the call was processed."""

    appid: str | None
    token_state: TokenState | None
    used: Generation | None = None


def identify(exchange: Exchange) -> Caller:
    request = exchange.request
    value = request.query.get("access_token")
    issued = exchange.state.vault.find(value) if value else None
    if issued and not issued.is_ticket:
        return Caller(issued.appid, issued.state(exchange.now), _generation(issued))
    grant = exchange.state.grants.find(value) if value else None
    if value and grant and request.path.startswith("/sns/"):  # a user's token; elsewhere it is none
        return Caller(grant.appid, "current" if grant.is_alive(value, exchange.now) else "dead")
    appid = request.query.get("appid") or request.json_object.get("appid")
    return Caller(appid if isinstance(appid, str) else None, "unknown" if value else None)


def record(exchange: Exchange, caller: Caller, response: Response, errcode: int | None) -> Call:
    """The call for the log; of a dropped one there is no answer to write down."""
    request, state = exchange.request, exchange.state
    secrets = [account.secret for account in state.accounts.values()]
    mask = Mask(secrets)
    dropped = response.delivery.drop
    return Call(
        id=state.calls.next_id(),
        at=exchange.now,
        client=request.client_ip,
        method=request.method,
        path=mask.line(request.path),
        query=mask.mapping(request.query),
        headers=mask.mapping(request.headers),
        body=mask.text(_text(request.body)),
        body_length=len(request.body),
        body_sha256=hashlib.sha256(request.body).hexdigest(),
        appid=caller.appid,
        token_state=caller.token_state,
        used=caller.used,
        issued=_issued(exchange, response),
        status=None if dropped else response.status,
        errcode=None if dropped else errcode,
        answer=None if dropped else mask.text(_text(response.body)),
        notes=(*exchange.notes, *(["secret_leaked"] if _leaks_one_of(secrets, exchange) else [])),
    )


def _issued(exchange: Exchange, response: Response) -> Generation | None:
    """What the answer gave, arrived or not: a token that was issued to a dropped call still ended its predecessor."""
    if exchange.request.path not in _ISSUING:
        return None
    try:
        answer = json.loads(response.body)
    except ValueError:
        return None
    value = answer.get("access_token") or answer.get("ticket") if isinstance(answer, dict) else None
    issued = exchange.state.vault.find(value) if isinstance(value, str) else None
    return _generation(issued) if issued else None


def _generation(issued: Issued) -> Generation:
    return Generation(issued.credential, issued.generation)


def _leaks_one_of(secrets: list[str], exchange: Exchange) -> bool:
    """An AppSecret belongs to the token endpoints; anywhere else it ends up in somebody's log."""
    request = exchange.request
    endpoint = ENDPOINTS.get(request.path)
    if endpoint and endpoint.takes_secret:
        return False
    texts = (request.path, *request.query.values(), *request.headers.values())
    return any(secret.encode() in request.body or any(secret in text for text in texts) for secret in secrets)


def _text(body: bytes) -> str | None:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return None
