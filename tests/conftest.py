"""Fixtures, marks and hypothesis settings of all tests."""

import os
from pathlib import Path

import pytest
from hypothesis import settings

pytest_plugins = ["mock_wechat.pytest_plugin", "tests.redis_server"]

E2E = Path(__file__).parent / "e2e"
E2E_SECONDS = 180

settings.register_profile("tests", deadline=None)  # no test depends on the machine's speed
settings.register_profile("CI", deadline=None, derandomize=True, database=None)
settings.load_profile("CI" if os.environ.get("CI") else "tests")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark tests in tests/e2e as `e2e`, with a longer timeout, and put them first, so that all workers end together."""
    items.sort(key=lambda item: not item.path.is_relative_to(E2E))
    for item in items:
        if item.path.is_relative_to(E2E):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.timeout(E2E_SECONDS))
