"""Providers in both modes."""

import pytest

from tests.app.credentials.harness import Harness


@pytest.fixture
def classic() -> Harness:
    """Classic mode."""
    return Harness()


@pytest.fixture
def stable() -> Harness:
    """Stable mode."""
    return Harness(stable=True)
