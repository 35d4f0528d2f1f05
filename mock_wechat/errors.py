"""WeChat's errcodes and their texts, and the body of an error (WECHAT.md 0 to 5, 7, 9.2)."""

import json
from pathlib import Path

_TEXTS = json.loads(Path(__file__).with_name("errmsg.json").read_text("utf-8"))
ERRMSG: dict[int, str] = {int(errcode): errmsg for errcode, errmsg in _TEXTS.items()}
"""The text of each errcode, from errmsg.json."""


class WeChatError(Exception):
    """An error answer; `errmsg` is without the rid."""

    def __init__(self, errcode: int, errmsg: str | None = None) -> None:
        super().__init__(errcode)
        self.errcode = errcode
        self.errmsg = errmsg or ERRMSG.get(errcode, "unknown error")
