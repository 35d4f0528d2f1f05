"""WeChat's message push: the verdicts of media_check_async, sent to the account's own server."""
