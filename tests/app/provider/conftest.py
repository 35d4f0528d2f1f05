"""Providers in both modes."""

import pytest

from tests.app.provider.nursery import Nursery


@pytest.fixture
def nursery() -> Nursery:
    """Classic mode."""
    return Nursery()


@pytest.fixture
def stable() -> Nursery:
    """Stable mode."""
    return Nursery(stable=True)
