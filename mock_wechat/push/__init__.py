"""WeChat's message push: the verdicts of media_check_async, on their way to the account's own server."""
