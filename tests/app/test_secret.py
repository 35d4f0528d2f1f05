"""A secret that comes from a file, and changes."""

import logging
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from app.accounts import Secret
from app.settings import secret_in_file

OLD, NEW = "5ecre7-old-old-old", "5ecre7-new-new-new"


class Reader:
    """Reads the file, and counts how often."""

    def __init__(self) -> None:
        self.reads = 0

    def __call__(self, path: str) -> str:
        self.reads += 1
        return secret_in_file(path)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "secret"
    path.write_text(OLD)
    return path


@pytest.fixture
def read() -> Reader:
    return Reader()


@pytest.fixture
def secret(file: Path, read: Reader) -> Secret:
    return Secret(OLD, owner="shop", file=str(file), read=read)


def test_secret_of_the_environment_never_changes() -> None:
    secret = Secret(OLD, owner="shop")
    secret.look()
    assert not secret.replaces(OLD)
    assert secret.replaces(NEW)
    assert secret.value == OLD


def test_file_that_nobody_touched_is_read_once(secret: Secret, read: Reader) -> None:
    for _ in range(5):
        secret.look()
    assert (secret.value, read.reads) == (OLD, 1)


def overwrite(file: Path, content: str) -> None:
    file.write_text(content)


def swap(file: Path, content: str) -> None:
    """As an editor does it, with a file of the same size and age."""
    before = file.stat()
    other = file.with_suffix(".new")
    other.write_text(content)
    os.utime(other, ns=(before.st_atime_ns, before.st_mtime_ns))
    other.replace(file)


def relink(file: Path, content: str) -> None:
    """As Kubernetes does it: the name is a link, and leads elsewhere."""
    elsewhere = file.with_suffix(".elsewhere")
    elsewhere.write_text(content)
    link = file.with_suffix(".link")
    link.symlink_to(elsewhere)
    link.replace(file)


@pytest.mark.parametrize("change", [overwrite, swap, relink])
@pytest.mark.parametrize("looked_before", [False, True])
def test_changed_file_is_noticed(
    secret: Secret, file: Path, change: Callable[[Path, str], None], *, looked_before: bool
) -> None:
    if looked_before:
        secret.look()
    change(file, NEW)  # as long as the old one
    secret.look()
    assert secret.value == NEW


def test_refused_secret_is_replaced_by_what_the_file_holds(secret: Secret, file: Path) -> None:
    assert not secret.replaces(OLD)
    file.write_text(NEW)
    assert secret.replaces(OLD)
    assert secret.value == NEW
    assert secret.replaces(OLD)  # as for a second thread, whose call was under way
    assert not secret.replaces(NEW)


def remove(file: Path) -> None:
    file.unlink()


@pytest.mark.parametrize(
    "spoil",
    [
        remove,
        lambda file: file.write_text(""),
        lambda file: file.write_bytes(b"5ecre7\xff"),
        lambda file: file.write_text("your-secret"),
        lambda file: (file.unlink(), file.mkdir()),
    ],
    ids=["missing", "empty", "no text", "placeholder", "folder"],
)
def test_file_without_a_usable_secret_leaves_the_old_one_and_is_told_once(
    secret: Secret, file: Path, spoil: Callable[[Path], object], caplog: pytest.LogCaptureFixture
) -> None:
    spoil(file)
    for _ in range(3):
        secret.look()
    assert secret.value == OLD
    (warning,) = caplog.records
    assert warning.levelno == logging.WARNING
    assert "shop" in warning.getMessage()
    assert "5ecre7" not in caplog.text
    assert not secret.replaces(OLD)


def test_file_that_comes_back_is_read(secret: Secret, file: Path) -> None:
    file.unlink()
    secret.look()
    file.write_text(NEW)
    secret.look()
    assert secret.value == NEW


def test_neither_repr_nor_log_shows_it(secret: Secret, file: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    file.write_text(NEW)
    secret.look()
    assert secret.value == NEW
    assert "5ecre7" not in f"{secret!r} {secret} {caplog.text}"
