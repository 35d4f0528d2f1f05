"""Starts and ends scenarios, and tells which ones run."""

from collections.abc import Iterable
from dataclasses import replace

from ..fields import Fields, WrongField, flag, one_of
from ..state import State
from ..state.accounts import Account
from ..state.running import Running
from .action import Action, without_fields
from .scenarios import ALL_WELL, SCENARIOS


def show_scenarios(_: State) -> object:
    return {"scenarios": [{"name": name, "sentence": it.sentence} for name, it in SCENARIOS.items()]}


def apply_scenario(state: State, given: Fields) -> object:
    """Start a scenario, or `end` it; for one account, or all without `appid`."""
    name = given.need("name", one_of(*SCENARIOS))
    appid = given.may("appid", one_of(*state.accounts), None)
    ends = given.may("end", flag, False)
    given.done()
    ended = _end(state, name, appid)
    if ends and not ended:
        known = ", ".join(running.name for running in state.running) or "none"
        raise WrongField("name", f"name {name} does not run{f' for {appid}' if appid else ''}; running are {known}")
    if not ends:
        _start(state, name, appid)
    return {"name": name, "appid": appid, "sentence": SCENARIOS[name].sentence}


def running_scenarios(state: State) -> list[dict[str, object]]:
    """The scenarios that still have an effect, oldest first; `appid` is null where one was started for all."""
    return [
        {"name": running.name, "appid": running.appid, "since": running.since}
        for running in state.running
        if _lasts(state, running)
    ]


def _accounts(state: State, appid: str | None) -> Iterable[Account]:
    return [account for account in state.accounts.values() if appid in (None, account.appid)]


def _start(state: State, name: str, appid: str | None) -> None:
    if name == ALL_WELL:
        return _end_all(state, appid)
    scenario = SCENARIOS[name]
    faults = [replace(fault, appid=appid) for fault in scenario.faults]
    running = Running(name, appid, state.clock(), faults, scenario.settings)
    state.faults.queue += faults
    for account in _accounts(state, appid):
        running.before[account.appid] = {field: getattr(account, field) for field in scenario.settings}
        state.accounts[account.appid] = replace(account, **scenario.settings)  # type: ignore[arg-type]  # its fields
        scenario.change(state, account)
    if faults or scenario.settings or scenario.lasts:
        state.running.append(running)
    return None


def _end(state: State, name: str, appid: str | None) -> bool:
    """End a scenario that was started for this account, or for any (None); whether it was running."""
    ending = [running for running in state.running if running.name == name and appid in (None, running.appid)]
    for running in ending:
        state.faults.queue = [fault for fault in state.faults.queue if not _is_one_of(fault, running)]
        for account in _accounts(state, running.appid):
            _restore(state, running, account)
            SCENARIOS[name].undo(state, account)
        state.running.remove(running)
    return bool(ending)


def _restore(state: State, running: Running, account: Account) -> None:
    """Restore the earlier settings, except those that a later scenario or a control call has changed since."""
    later = state.running[state.running.index(running) + 1 :]
    for field, value in running.before.get(account.appid, {}).items():
        over = next((it.before[account.appid] for it in later if field in it.before.get(account.appid, {})), None)
        if over is not None:
            over[field] = value
        elif getattr(account, field) == running.settings[field]:
            account = state.accounts[account.appid] = replace(account, **{field: value})  # type: ignore[arg-type]  # its fields


def _end_all(state: State, appid: str | None) -> None:
    """Remove faults and settings, also those set by control calls."""
    for running in list(state.running):
        if appid in (None, running.appid):
            _end(state, running.name, running.appid)
    state.faults.forget(appid)
    for account in _accounts(state, appid):
        usual = {"overlap_seconds": Account.overlap_seconds, "other_server_seconds": None}
        state.accounts[account.appid] = replace(account, confirm_ip=False, ip_whitelist=None, **usual)  # type: ignore[arg-type]  # its fields
        state.quotas.clear(account.appid)


def _lasts(state: State, running: Running) -> bool:
    """Whether one of its faults or its first setting is still set, or its change still has an effect."""
    lasts = SCENARIOS[running.name].lasts
    first = next(iter(running.settings.items()), None)
    return any(_is_one_of(fault, running) for fault in state.faults.queue) or any(
        (first is not None and getattr(account, first[0]) == first[1]) or (lasts is not None and lasts(state, account))
        for account in _accounts(state, running.appid)
    )


def _is_one_of(fault: object, running: Running) -> bool:
    return any(fault is own for own in running.faults)


ACTIONS: dict[str, dict[str, Action]] = {"/scenarios": {"GET": without_fields(show_scenarios), "POST": apply_scenario}}
