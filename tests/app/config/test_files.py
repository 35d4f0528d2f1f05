"""The TOML file as a whole."""

from pathlib import Path

import pytest

from tests.app.config.conftest import SECRET, SHOP, Toml, the_problem


def test_missing_toml_file_is_a_problem(tmp_path: Path) -> None:
    assert the_problem({"WECHAT_CONFIG": str(tmp_path / "none.toml")}).startswith(
        "WECHAT_CONFIG: the file cannot be read"
    )


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("[accounts.a", "WECHAT_CONFIG: no TOML: Expected ']' at the end of a table declaration (at"),
        (SHOP + "secret = 'twice'", "no TOML: Cannot overwrite a value (at end of document)"),
        (f"x = 1\nsecret = {SECRET}\n", "line 2"),
        ("\udcff", "not UTF-8"),
        (SHOP + "[account.b]\n", "[account]: is unknown; did you mean accounts?"),
        (SHOP + "[server]\nport = 1\n", "[server]: is unknown; known are accounts, keys"),
        ("accounts = 1\n", "[accounts]: must be a table"),
        ("[accounts]\nshop = 1\n", "[accounts]: must be a table"),
    ],
)  # fmt: skip
def test_malformed_toml_is_a_problem_that_names_the_place(toml: Toml, content: str, said: str) -> None:
    assert said in the_problem(toml(content))
