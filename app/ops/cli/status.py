"""`wechat-central status`: the state of each credential."""

import sys
from dataclasses import replace
from typing import Any

import click

from ...services import Services
from ..doctor import find_no_file, find_sealed
from ..readiness import Readiness, readiness
from . import parameters
from .terminal import Terminal, duration

_HEADING = ("account", "credential", "state", "age", "remaining", "generation", "fetches left", "cooldown")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="What /readyz answers to an ops key, for scripts.")
@click.pass_obj
def status(terminal: Terminal, as_json: bool) -> None:
    """Show how each credential is, and what to do.

    Asks the store, never WeChat. "fetches left" says how many refused tokens may still cause a fetch now,
    "cooldown" the errcode of the last fetch. The exit status is 0 only if all is well.
    """
    services = parameters.services()
    parameters.require_shared_store(services)
    state = _state(services)
    if as_json:
        terminal.json(
            {"well": state.well, "store": state.store, "store_hint": state.store_hint, "accounts": state.accounts}
        )
    else:
        _show(terminal, state, services.clock())
    sys.exit(0 if state.well else 1)


def _state(services: Services) -> Readiness:
    """The server's readiness; and why this command may see less of the store than the server does."""
    absent = find_no_file(services.settings.store_url)
    if absent:
        return Readiness(False, True, [], absent.found, absent.advice)
    state = readiness(services, services.accounts)
    sealed = None if state.store else find_sealed(services)
    return replace(state, degraded=True, store=sealed.found, store_hint=sealed.advice) if sealed else state


def _show(terminal: Terminal, state: Readiness, now: float) -> None:
    if state.store:
        terminal.line(f"Store: {state.store}", fg="red")
        terminal.advice(state.store_hint)
    rows = [_row(account, credential) for account in state.accounts for credential in account["credentials"]]
    if rows:
        terminal.table([_HEADING, *rows])
    for account in state.accounts:
        for cooldown in account["cooldowns"]:
            what, wait = cooldown["endpoint"] or cooldown["credential"], cooldown["until"] - now
            terminal.line()
            terminal.line(f"{account['account']}, {what}: {cooldown['detail']}", fg="red")
            again = f"is asked again in {duration(wait)}" if wait > 0 else "may be asked again"
            terminal.line(f"    WeChat {again}.")
            terminal.advice(cooldown["hint"])


def _row(account: dict[str, Any], credential: dict[str, Any]) -> tuple[str, ...]:
    cooldowns = [
        "refused" if one["kind"] == "budget" else str(one.get("errcode", "unavailable"))
        for one in account["cooldowns"]
        if one["credential"] == credential["credential"]
    ]
    return (
        account["account"],
        credential["credential"],
        credential["state"],
        duration(credential["age_seconds"]),
        duration(credential["remaining_seconds"]),
        str(credential["generation"]),
        str(credential["fetches_left"]),
        ", ".join(cooldowns) or "-",
    )
