"""The command line for people on call: `wechat-central`."""
