"""A raw peer for the relay."""

from tests.app.wechat.conftest import peer  # noqa: F401 -- a fixture
