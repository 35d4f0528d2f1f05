"""A secret that comes from a file, and changes."""

import logging
from collections.abc import Callable
from pathlib import Path

import pytest

from app.accounts import Secret

OLD, NEW = "5ecre7-old-old-old", "5ecre7-new-new-new"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(OLD)
    return path


@pytest.fixture
def secret(file: Path) -> Secret:
    return Secret(OLD, owner="shop", file=str(file))


def test_secret_without_a_file_never_changes() -> None:
    secret = Secret(OLD)
    secret.reload()
    assert not secret.replaces(OLD)
    assert secret.replaces(NEW)
    assert secret.value == OLD


def test_refused_secret_is_replaced_by_that_of_the_file(secret: Secret, file: Path) -> None:
    assert not secret.replaces(OLD)
    file.write_text(NEW)
    assert secret.value == OLD
    assert secret.replaces(OLD)
    assert secret.value == NEW
    assert secret.replaces(OLD)  # for a second thread whose call was under way
    assert not secret.replaces(NEW)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.unlink(),
        lambda file: file.write_text(""),
        lambda file: file.write_bytes(b"5ecre7\xff"),
        lambda file: file.write_text("your-secret"),
        lambda file: (file.unlink(), file.mkdir()),
    ],
    ids=["missing", "empty", "no text", "placeholder", "folder"],
)
def test_unusable_file_keeps_the_old_secret_and_is_told_once(
    secret: Secret, file: Path, spoil: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    spoil(file)
    for _ in range(3):
        secret.reload()
    assert secret.value == OLD
    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert "shop" in warning.getMessage()
    assert "5ecre7" not in caplog.text


def test_neither_repr_nor_log_shows_it(secret: Secret, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    file.write_text(NEW)
    secret.reload()
    assert secret.value == NEW
    assert "5ecre7" not in f"{secret!r} {secret} {caplog.text}"
