"""CPU time of a signature request against the number of accounts, in process; the page is the last account's."""

import os
from collections.abc import Callable
from pathlib import Path

from app import create_app

from .contestants import ACCOUNT, mock
from .in_process import least_microseconds, request
from .report import Claim, Report
from .run import Run

_NUMBERS = (1, 100, 10_000)


def measure(run: Run) -> Report:
    """The cost has to stay the same."""
    with mock(run.folder, run.load_core) as wechat:
        costs = [least_microseconds(run, wechat, __name__, str(number))["request"] for number in _NUMBERS]
    rows = [(f"accounts: {number:,}", f"{cost:.1f}") for number, cost in zip(_NUMBERS, costs, strict=True)]
    claim = Claim(f"CPU time with {_NUMBERS[-1]:,} accounts / with one", costs[-1] / costs[0], most=1.2)
    return Report([("CPU time of a request", "us"), *rows], [claim])


def calls(number: str) -> dict[str, Callable[[], object]]:
    """What in_process measures, with this number of official accounts, of which the last one is the mock's."""
    table = '[accounts.a{0}]\nappid = "{1}"\nsecret = "{2}"\njs_domains = ["{3}.example.com"]\n'
    others = (table.format(one, f"wx{one:016x}", f"{one:032}", f"h{one}") for one in range(100, 99 + int(number)))
    last = table.format(0, ACCOUNT["WECHAT_APPID"], ACCOUNT["WECHAT_SECRET"], "h5")
    Path("accounts.toml").write_text("".join(others) + last, encoding="utf-8")
    settings = {"WECHAT_CONFIG": "accounts.toml", "WECHAT_STORE_URL": "memory://"}
    return {"request": request(create_app({**settings, "WECHAT_API_BASE": os.environ["WECHAT_API_BASE"]}).wsgi_app)}
