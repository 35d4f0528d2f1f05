"""WeChat's message push: sends verdicts of media_check_async and users' messages to the account's own server."""
