"""The gateway: WeChat's own paths, for SDKs whose base URL is this server and whose AppSecret is an API key.

Errors are answered with HTTP 200 and an errcode: some SDKs put the key into an exception otherwise.
"""

from contextlib import ExitStack, closing, nullcontext, suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl

from flask import Response, g, request
from werkzeug.exceptions import MethodNotAllowed

from ..errors import CentralServerError
from ..gateway import Asked, Caller, ForwardedCall, GatewayRefusal, answers, endpoints, query_for_wechat, rules
from . import audit, auth
from .access_log import note
from .credentials import LEAST_SECONDS, promised_seconds
from .current import current_services
from .endpoint import Endpoints, json_bytes
from .reading import BodyTooLarge, ParameterWrong, parse_json, read_body, spooled_body

blueprint = Endpoints(
    "gateway",
    __name__,
    listener="internal",
    about="Beside these endpoints there are WeChat's own, at its paths (`/cgi-bin/...`, `/wxa/...`, `/sns/...`): an "
    "SDK whose base URL is this server, and whose AppSecret is an API key with the scope `gateway`, works unchanged. "
    "Their requests and answers are WeChat's.",
    opens={
        "gateway": ("GET, POST /cgi-bin/..., /wxa/... and WeChat's other paths",),
        "sns": ("GET /sns/jscode2session", "GET /sns/oauth2/access_token"),
        "ops": ("POST /cgi-bin/clear_quota/...", "POST /cgi-bin/openapi/..."),
    },
)

_EXPIRES_IN = 7200
"""of a pass, as WeChat says of its tokens"""
_METHODS = ("GET", "POST")
_FORM_BYTES = 64 * 1024
_INVALID_ARGS, _DATA_FORMAT, _SECRET_WRONG = 40097, 47001, 40125
_HANDED_OUT = {**dict.fromkeys(rules.TOKEN_PATHS, "pass handed out"), rules.TICKET_PATH: "ticket handed out"}


class _Passed(Response):
    """WeChat's own answer: without a Content-Type, if WeChat sent none."""

    default_mimetype = None


@dataclass(slots=True)
class _Call:
    """What the log and the metrics say about the current request; `size` is that of its body in bytes."""

    caller: Caller | None = None
    errcode: int | None = 0
    rid: str | None = None
    repeated: bool = False
    size: int = 0


def call_wechat(rest: str) -> Response:  # noqa: ARG001 -- Flask passes it; the whole path is read
    """WeChat's own paths: what is called with a pass or a key is sent to WeChat with the account's access_token."""
    if request.method not in _METHODS:  # Flask adds HEAD
        raise MethodNotAllowed(_METHODS)
    call = g.gateway_call = _Call()
    asked = _asked()
    if asked.path in rules.USER_TOKEN_PATHS:
        return _forwarded(asked, call)
    call.caller = current_services().callers.caller(asked)
    rules.check(asked.path, call.caller.key)
    if asked.path in rules.TOKEN_PATHS:
        return _pass(asked, call.caller)
    return _ticket(asked, call.caller) if asked.path == rules.TICKET_PATH else _forwarded(asked, call)


for _family in rules.FAMILIES:
    blueprint.add_url_rule(
        f"/{_family}/<path:rest>", "wechat", call_wechat, provide_automatic_options=False, methods=_METHODS
    )


@blueprint.errorhandler(GatewayRefusal)
@blueprint.errorhandler(CentralServerError)
@blueprint.errorhandler(BodyTooLarge)
@blueprint.errorhandler(ParameterWrong)
def _refused(error: GatewayRefusal | CentralServerError | BodyTooLarge | ParameterWrong) -> Response:
    match error:
        case CentralServerError():
            error = answers.of(error, token_path=request.path in rules.TOKEN_PATHS)
        case BodyTooLarge():
            error = answers.refusal("too large")
        case ParameterWrong():
            error = GatewayRefusal(_DATA_FORMAT, f"data format error, gateway: {error}")
    g.gateway_call.errcode = error.errcode
    return _answer({"errcode": error.errcode, "errmsg": error.errmsg})


@blueprint.after_request
def _record(response: Response) -> Response:
    """Log and count the call."""
    response.headers["Cache-Control"] = "no-store"
    call: _Call | None = g.get("gateway_call")
    if call is None:
        return response
    key_name = call.caller.key.name if call.caller else "-"
    note(request.environ, "key_name", key_name)
    note(request.environ, "errcode", "-" if call.errcode is None else str(call.errcode))
    if call.repeated:
        note(request.environ, "repeated", "yes")
    current_services().meters.gateway_call(key_name, endpoints.label(request.path), call.errcode)
    group = rules.group(request.path)
    what = f"gateway: {group}" if group else _HANDED_OUT.get(request.path) if call.errcode == 0 else None
    if what and call.caller:
        key, appid = call.caller.key, call.caller.account.appid
        audit.record(what, key, appid, errcode=call.errcode, rid=call.rid, size=call.size)
    return response


def _answer(document: dict[str, object]) -> Response:
    """An answer as WeChat would send it: co-wechat-api can't read JSON with a line end."""
    return Response(json_bytes(document).rstrip(b"\n"), content_type="application/json")


def _asked() -> Asked:
    """What the request says about its caller."""
    path, given = request.path, {}
    if rules.takes_secret(path) or path == rules.TICKET_PATH:
        given = _given()
    name = request.headers.get("X-WeChat-Account")
    return Asked(path, request.environ["QUERY_STRING"], given, auth.presented(), name)


def _given() -> dict[str, str]:
    """The parameters in the query and in the body, which is JSON or a form: SDKs send them in any of these places."""
    given: dict[str, object] = {**request.args.to_dict()}
    if request.method == "POST":
        body = read_body(_FORM_BYTES)
        if body.lstrip().startswith(b"{"):
            with suppress(ParameterWrong):
                given |= parse_json(body)
        else:
            given |= parse_qsl(body.decode("utf-8", "replace"))
    return {name: str(value) for name, value in given.items()}


def _pass(asked: Asked, caller: Caller) -> Response:
    """A new pass. WeChat is not asked, so callers get one even while it is down."""
    if asked.given.get("grant_type") != "client_credential":
        raise answers.refusal("grant_type")
    services = current_services()
    _ = services.for_account(caller.account).access_token  # raises where there is none
    issued = services.callers.passes.issue(caller.key, caller.account.appid)
    return _answer({"access_token": issued, "expires_in": _EXPIRES_IN})


def _ticket(asked: Asked, caller: Caller) -> Response:
    services = current_services()
    provider = services.for_account(caller.account).tickets.get(asked.given.get("type", ""))
    if provider is None:
        raise GatewayRefusal(_INVALID_ARGS, "invalid args, gateway: the account has no ticket of this type")
    ticket = provider.get()
    seconds = max(LEAST_SECONDS, caller.key.min_expires_in, promised_seconds(ticket, services.clock()))
    return _answer({"errcode": 0, "errmsg": "ok", "ticket": ticket.value, "expires_in": seconds})


def _forwarded(asked: Asked, call: _Call) -> Response:
    """WeChat's answer, as it comes in. It holds a place for slow calls until it ends or the caller is gone."""
    services, caller = current_services(), call.caller
    of_account = services.for_account(caller.account) if caller else None
    secret = of_account.secret.value if of_account else ""
    sent = query_for_wechat(asked, caller.account if caller else None, secret)
    takes_secret = rules.takes_secret(asked.path)  # and has no body: it was read for the secret
    provider = of_account.access_token if of_account and not takes_secret else None
    limit = services.settings.max_gateway_bytes if caller else _FORM_BYTES
    with nullcontext((None, 0)) if takes_secret else spooled_body(limit) as (body, call.size):
        forwarded = ForwardedCall(
            request.method,
            asked.path,
            sent,
            request.headers,
            body if call.size or request.method == "POST" else None,
            call.size,
            once=rules.once(asked.path),
        )
        with ExitStack() as held:
            held.callback(services.pool.take(caller.key.id if caller else ""))
            answer = held.enter_context(closing(services.relay.send(forwarded, provider, [secret] if secret else [])))
            call.errcode, call.rid, call.repeated = answer.errcode, answer.rid, answer.repeated
            if of_account and takes_secret and answer.errcode == _SECRET_WRONG:
                of_account.secret.reload()
            response = _Passed(answer, answer.status, answer.headers)
            response.call_on_close(held.pop_all().close)
    return response
