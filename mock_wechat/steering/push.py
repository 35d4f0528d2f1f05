"""The message push: deliver now, what was sent, is the URL right, what goes wrong."""

from ..accounts import Account
from ..fields import Fields, WrongField, one_of, text
from ..push.checks import PushFault
from ..push.delivery import Address
from ..push.errands import Deliveries, UrlCheck
from ..push.settings import FORMATS, MODES, push_url
from ..state import State
from .steer import known_account


def deliver_verdicts(state: State, given: Fields) -> Deliveries:
    trace_id = given.may("trace_id", text, None)
    url = given.may("url", push_url, None)
    mode = given.may("mode", one_of(*MODES), None)
    form = given.may("format", one_of(*FORMATS), None)
    given.done()
    chosen = [check for check in state.checks.waiting if trace_id in (None, check.trace_id)]
    if trace_id and not chosen:
        raise WrongField("trace_id", f"no verdict {trace_id} waits: it was pushed already, or nobody asked for it")
    stops = []
    for check in chosen:
        account = state.accounts[check.appid]
        usual = Address.of(account)
        to = url or _url_of(account)
        stops.append((check, account, Address(to, mode or usual.mode, form or usual.format)))
    state.checks.take(chosen)
    return Deliveries(stops)


def check_push_url(state: State, given: Fields) -> UrlCheck:
    account = known_account(state, given)
    url = given.may("url", push_url, None)
    given.done()
    return UrlCheck(account, url or _url_of(account))


def show_pushes(state: State, given: Fields) -> object:
    trace_id = given.may("trace_id", text, None)
    given.done()
    waiting = [check.as_json() for check in state.checks.waiting if trace_id in (None, check.trace_id)]
    return {"pushes": [push.as_json() for push in state.checks.log.of(trace_id)], "waiting": waiting}


def add_push_fault(state: State, given: Fields) -> object:
    fault = PushFault.read(given)
    state.checks.faults.append(fault)
    return fault.as_json()


def show_push_faults(state: State, given: Fields) -> object:
    given.done()
    return {"faults": [fault.as_json() for fault in state.checks.faults]}


def forget_push_faults(state: State, given: Fields) -> object:
    given.done()
    state.checks.faults.clear()
    return {}


def _url_of(account: Account) -> str:
    if account.push_url is None:
        raise WrongField("url", f"{account.appid} has no push_url: give url here, or push_url at /_mock/accounts")
    return account.push_url
