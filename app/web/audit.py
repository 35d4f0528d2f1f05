"""The audit log: a line for each credential handed out, and for each call that manages an account."""

import logging

from flask import request

from ..accounts import ApiKey

_log = logging.getLogger("app.audit")


def record(
    what: str, key: ApiKey, appid: str, *, errcode: int | None = 0, rid: str | None = None, size: int = 0
) -> None:
    """Write a line about the current request; `size` is that of its body in bytes."""
    facts = {"key_name": key.name, "key_id": key.id, "client": request.remote_addr, "appid": appid}
    _log.info(what, {**facts, "path": request.path, "errcode": errcode, "rid": rid, "bytes": size})
