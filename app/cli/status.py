"""`wechat-central status`: how each credential is."""

import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import click

from ..doctor import find_no_file, find_sealed
from ..readiness import Readiness, readiness
from ..services import Services, current_services
from .parameters import require_shared_store
from .terminal import Terminal, duration

_HEADING = ("account", "credential", "state", "age", "remaining", "generation", "fetches left", "trouble")


@click.command()
@click.option("--json", "as_json", is_flag=True, help="What /readyz says to an ops key, for scripts.")
@click.pass_obj
def status(terminal: Terminal, as_json: bool) -> None:
    """Show how each credential is, and what to do.

    Asks the store, never WeChat. "fetches left" says how many refused tokens may still cause a fetch now, "trouble"
    what the last one ended with. The exit status is 0 only if all is well.
    """
    services = current_services()
    require_shared_store(services)
    state = _state(services)
    if as_json:
        terminal.json(
            {"well": state.well, "store": state.store, "store_hint": state.store_hint, "accounts": state.accounts}
        )
    else:
        _show(terminal, state, services.clock())
    sys.exit(0 if state.well else 1)


def _state(services: Services) -> Readiness:
    """What the server says of itself; and why this command may see less of the store than the server does."""
    absent = find_no_file(services.settings.store_url)
    if absent:
        return Readiness(False, True, [], absent.found, absent.advice)
    state = readiness(services)
    sealed = None if state.store else find_sealed(services)
    return replace(state, degraded=True, store=sealed.found, store_hint=sealed.advice) if sealed else state


def _show(terminal: Terminal, state: Readiness, now: float) -> None:
    if state.store:
        terminal.line(f"Store: {state.store}", fg="red")
        terminal.advice(state.store_hint)
    rows = [_row(account, credential) for account in state.accounts for credential in account["credentials"]]
    if rows:
        terminal.table([_HEADING, *rows])
    for what, failure in _failures(state):
        terminal.line()
        wait = failure["until"] - now
        terminal.line(f"{what}: {failure['detail']}", fg="red")
        terminal.line(
            "    " + (f"WeChat is asked again in {duration(wait)}." if wait > 0 else "WeChat may be asked again.")
        )
        terminal.advice(failure["hint"])


def _row(account: dict[str, Any], credential: dict[str, Any]) -> tuple[str, ...]:
    failures = [hold for hold in account["holds"] if hold["credential"] == credential["credential"]]
    failures += [credential["trouble"]] if credential["trouble"] else []
    return (
        account["account"],
        credential["credential"],
        credential["state"],
        duration(credential["age_seconds"]),
        duration(credential["remaining_seconds"]),
        str(credential["generation"]),
        str(credential["fetches_left"]),
        ", ".join(_in_a_word(failure) for failure in failures) or "-",
    )


def _in_a_word(failure: dict[str, Any]) -> str:
    if failure["kind"] == "budget":
        return "refused"
    return str(failure.get("errcode", "unavailable"))


def _failures(state: Readiness) -> Iterator[tuple[str, dict[str, Any]]]:
    """What failed, and what is remembered of it."""
    for account in state.accounts:
        for hold in account["holds"]:
            yield f"{account['account']}, {hold['endpoint']} is on hold", hold
        for credential in account["credentials"]:
            if credential["trouble"]:
                yield f"{account['account']}, {credential['credential']}", credential["trouble"]
