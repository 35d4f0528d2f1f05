"""What every test may use."""

pytest_plugins = ["mock_wechat.pytest_plugin", "tests.redis_server"]
