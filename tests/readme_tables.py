"""The tables of README.md that follow from the endpoints. `python -m tests.readme_tables` writes them."""

import re
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from app import create_app
from app.web.openapi.reference import endpoint_table, scope_table

README = Path(__file__).parents[1] / "README.md"

_ENVIRONMENT = {
    "WECHAT_APPID": "wx0123456789abcdef",
    "WECHAT_SECRET": "0123456789abcdef" * 2,
    "WECHAT_STORE_URL": "memory://",
}


def tables() -> dict[str, str]:
    """The rows of each table by its header."""
    app = create_app(_ENVIRONMENT)
    scopes = {scope: ", ".join(f"`{one}`" for one in opens) for scope, opens in scope_table(app).items()}
    return {
        "| request | listener | scope | meaning |": _rows(endpoint_table(app)),
        "| scope | opens |": _rows((f"`{scope}`", opens or "nothing yet") for scope, opens in scopes.items()),
    }


def written(text: str) -> str:
    """The text with these tables as they should be."""
    for header, rows in tables().items():
        head = re.compile(rf"^({re.escape(header)}\n\|[-|]+\|\n)(?:\|.*\n)*", re.MULTILINE)
        text, count = head.subn(partial(_replaced, rows), text)
        if count != 1:
            raise ValueError(f"README.md has {count} tables with the header {header}")
    return text


def _replaced(rows: str, match: re.Match[str]) -> str:
    return match[1] + rows


def _rows(rows: Iterable[tuple[str, ...]]) -> str:
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


if __name__ == "__main__":
    README.write_text(written(README.read_text("utf-8")), "utf-8")
