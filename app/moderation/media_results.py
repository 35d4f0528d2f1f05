"""What WeChat pushes when a media check is over, version 1 and 2, from JSON or XML (WECHAT.md 5)."""

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast, get_args

from .verdicts import Suggest, Verdict

_log = logging.getLogger(__name__)

TRACE_ID = re.compile(r"[0-9A-Za-z-]{8,64}", re.ASCII)
"""wider than what was seen: 3 groups of 8 hexadecimal digits in version 2, 32 of them in version 1"""

_NUMBER = re.compile(r"-?\d{1,10}", re.ASCII)
_NUMBERS_IN_DETAIL = ("errcode", "label", "level", "prob")
_MOST_DETAILS = 20
_LONGEST_DETAIL = 1_000
"""characters of one text in it: a result stays in the store for a day"""
_LONGEST_NAME = 64
_LONGEST_ERRMSG = 200
_REASONS = {
    -1008: "WeChat could not download the file: media_url must be reachable from everywhere, without login or redirect "
    "to one, and have at most 10 MB.",
    -1009: "WeChat downloaded the file and could not read it: is it an image or a sound of a format that it takes?",
}


@dataclass(frozen=True, slots=True)
class MediaResult:
    """A verdict, or why there is none. `errcode` is WeChat's, None for a result that cannot be read."""

    trace_id: str
    verdict: Verdict | None = None
    errcode: int | None = None
    reason: str | None = None


def media_result(fields: Mapping[str, Any]) -> MediaResult | None:
    """The result in a `wxa_media_check`; None without a trace_id. What cannot be read is a failure, never a pass."""
    trace_id = str(fields.get("trace_id"))
    if not TRACE_ID.fullmatch(trace_id):
        return None
    # What has signs of both versions is read as version 2, where nothing but its `result` passes.
    is_old = bool(fields.keys() & {"isrisky", "status_code"}) and not fields.keys() & {"result", "version"}
    errcode = _number(fields.get("errcode"))
    if is_old:
        status = _number(fields.get("status_code"))
        errcode = errcode or (status - 2**32 if status and status >= 2**31 else status)  # -1008 comes as 4294966288
    if errcode:
        errmsg = fields.get("errmsg")
        text = f": {errmsg:.{_LONGEST_ERRMSG}}" if isinstance(errmsg, str) and errmsg else ""
        reason = _REASONS.get(errcode, f"WeChat could not check the file (errcode {errcode}{text}).")
        return MediaResult(trace_id, None, errcode, reason)
    verdict = _version_1(fields, trace_id) if is_old else _version_2(fields, trace_id)
    if errcode is None or verdict is None:
        _log.error("media result unreadable: trace_id=%s fields=%s", trace_id, ",".join(sorted(fields))[:300])
        return MediaResult(trace_id, reason="WeChat's result could not be read.")
    return MediaResult(trace_id, verdict)


def _version_1(fields: Mapping[str, Any], trace_id: str) -> Verdict | None:
    risky = _number(fields.get("isrisky"))
    if risky not in (0, 1):
        return None
    return Verdict("risky" if risky else "pass", None, None, "media_check_async/1", trace_id=trace_id)


def _version_2(fields: Mapping[str, Any], trace_id: str) -> Verdict | None:
    result = fields.get("result")
    suggest = result.get("suggest") if isinstance(result, Mapping) else None
    if not isinstance(result, Mapping) or suggest not in get_args(Suggest):
        return None
    label, detail = _number(result.get("label")), _details(fields.get("detail"))
    return Verdict.with_label(cast(Suggest, suggest), label, "media_check_async/2", trace_id=trace_id, detail=detail)


def _details(detail: object) -> list[dict[str, Any]]:
    """As WeChat gives them in JSON, texts and whole numbers: in XML one item is no list, and numbers are texts."""
    items = detail if isinstance(detail, list) else [detail]
    return [
        {
            name: _number(value)
            if name in _NUMBERS_IN_DETAIL
            else value[:_LONGEST_DETAIL]
            if isinstance(value, str)
            else value
            for name, value in list(item.items())[:_MOST_DETAILS]
            if isinstance(value, str | int) and len(name) <= _LONGEST_NAME
        }
        for item in items[:_MOST_DETAILS]
        if isinstance(item, dict)
    ]


def _number(value: object) -> int | None:
    if isinstance(value, str) and _NUMBER.fullmatch(value):
        return int(value)
    return value if type(value) is int else None
