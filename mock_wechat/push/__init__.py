"""WeChat's message push: sends the verdicts of media_check_async to the account's own server."""
