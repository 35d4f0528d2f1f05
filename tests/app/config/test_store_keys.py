"""The keys of the store: where they come from, and how a wrong one is refused."""

from collections.abc import Callable

import pytest
from app.config import load_settings

from tests.app.config.conftest import OFFICIAL, problems, the_problem

ONE, TWO = "c3RvcmUta2V5LW9uZS1vZi1leGFjdGx5LTMyLWJ5dGU=", "c3RvcmUta2V5LXR3by1vZi1leGFjdGx5LTMyLWJ5dGU="


def test_without_keys_nothing_is_sealed() -> None:
    assert load_settings(OFFICIAL).store_keys == ()


def test_keys_stand_in_their_order_and_in_no_repr() -> None:
    settings = load_settings({**OFFICIAL, "WECHAT_STORE_KEY": f"{TWO}, {ONE}"} | {"WECHAT_STORE_KEY": f"{TWO},{ONE}"})
    assert settings.store_keys == (TWO, ONE)
    assert ONE not in repr(settings)


def test_keys_come_from_a_file(secret_file: Callable[[bytes], str]) -> None:
    path = secret_file(f"{TWO},{ONE}\n".encode())
    assert load_settings({**OFFICIAL, "WECHAT_STORE_KEY_FILE": path}).store_keys == (TWO, ONE)


@pytest.mark.parametrize(
    "text", ["5ecre7", f"{ONE},5ecre7", "5ecre7" * 8, ONE.removesuffix("="), ONE.replace("Z", "+"), ","]
)
def test_wrong_key_is_a_problem_that_says_how_to_make_one(text: str) -> None:
    problem = the_problem({**OFFICIAL, "WECHAT_STORE_KEY": text})
    assert problem.startswith("WECHAT_STORE_KEY: must be Fernet keys")
    assert 'make one: python3 -c "import base64' in problem


def test_key_made_as_the_problem_says_is_right(capsys: pytest.CaptureFixture[str]) -> None:
    problem = the_problem({**OFFICIAL, "WECHAT_STORE_KEY": "5ecre7"})
    exec(problem.partition('-c "')[2].removesuffix('"'), {})  # noqa: S102 - what a person would run
    assert len(load_settings({**OFFICIAL, "WECHAT_STORE_KEY": capsys.readouterr().out}).store_keys) == 1


def test_key_and_file_at_once_is_a_problem(secret_file: Callable[[bytes], str]) -> None:
    environ = {**OFFICIAL, "WECHAT_STORE_KEY": ONE, "WECHAT_STORE_KEY_FILE": secret_file(ONE.encode())}
    assert problems(environ) == ("WECHAT_STORE_KEY_FILE: store_key is given too; keep one of them",)
