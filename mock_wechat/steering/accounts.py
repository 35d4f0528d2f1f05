"""What the administrator of an account does: settings, answers about addresses, a token fetched elsewhere."""

from ..accounts import read_account
from ..credentials import CREDENTIALS
from ..fields import Fields, address, one_of
from ..state import State
from .overview import account_as_json
from .steer import known_account


def set_account(state: State, given: Fields) -> object:
    account = read_account(given, state.accounts)
    given.done()
    state.accounts[account.appid] = account
    return account_as_json(state, account)


def confirm(state: State, given: Fields) -> object:
    account = known_account(state, given)
    ip = given.need("ip", address)
    answer = given.need("answer", one_of("allow", "refuse"))
    given.done()
    state.administrator.answer(account.appid, ip, allow=answer == "allow", now=state.clock())
    return {"appid": account.appid, "ip": ip, "answer": answer}


def revoke(state: State, given: Fields) -> object:
    account = known_account(state, given)
    credential = given.need("credential", one_of(*CREDENTIALS))
    given.done()
    successor = state.vault.revoke(account, credential, state.clock())
    return {"appid": account.appid, "credential": credential, "generation": successor.generation}
