"""Real SDKs, as `make test-sdks` installs them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mock_wechat import MockWeChat
from mock_wechat.tls import TLS
from tests.sdks.scripts import HERE, NODE_MODULES, PYTHON, SDK, SDKS


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests in this folder are marked `sdk`."""
    for item in items:
        if item.path.is_relative_to(HERE):
            item.add_marker(pytest.mark.sdk)


@pytest.fixture(scope="session")
def installed() -> None:
    """Without the SDKs these tests are skipped, and fail where CI is set."""
    missing = [
        mark.parent.name for mark in (PYTHON / "ready", NODE_MODULES / ".package-lock.json") if not mark.exists()
    ]
    if missing:
        reason = f"tests/sdks/{missing[0]} is missing: make test-sdks brings it"
        pytest.fail(reason) if os.environ.get("CI") else pytest.skip(reason)


@pytest.fixture(params=SDKS, ids=lambda sdk: sdk.name)
def sdk(request: pytest.FixtureRequest, installed: None) -> SDK:  # noqa: ARG001 -- installed first
    used: SDK = request.param
    return used


@pytest.fixture(scope="session")
def tls(tmp_path_factory: pytest.TempPathFactory) -> TLS:
    """A proxy whose certificates are made once."""
    return TLS(proxy_port=0, folder=tmp_path_factory.mktemp("ca"))


@pytest.fixture
def wechat(tls: TLS) -> Iterator[MockWeChat]:
    with MockWeChat(tls=tls) as mock:
        yield mock


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 40)
    return path
