"""What the tests of the stores share."""

from pathlib import Path

import pytest

from app.stores import Credential, Key
from tests.doubles import START

KEY = Key("wx0000000000000001", "access_token")
OTHER = Key("wx0000000000000002", "access_token")
T1 = Credential("t1", START, START + 6905.5, START + 7200, 1, START - 60, birth_seen=True)
T2 = Credential("t2", START + 10, START + 6610, START + 7210, 2, START + 10)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The path of an SQLite file in a folder that does not exist yet."""
    return tmp_path / "instance" / "credentials.db"
