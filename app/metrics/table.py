"""The table of all metrics: name, type, labels, meaning. No label has a value that a caller or WeChat can choose."""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Described:
    """One metric, as it is exposed."""

    name: str
    type: Literal["counter", "gauge", "histogram"]
    labels: tuple[str, ...]
    meaning: str


REQUESTS = Described(
    "wechat_request_seconds",
    "histogram",
    ("route", "status"),
    "requests to this server: how many (_count), and how long each took until its answer began",
)
CALLS = Described(
    "wechat_calls_total",
    "counter",
    ("endpoint", "outcome", "errcode"),
    "calls to WeChat; errcode 0 is success, and empty without a usable answer",
)
GATEWAY_CALLS = Described(
    "wechat_gateway_calls_total",
    "counter",
    ("key", "endpoint", "errcode"),
    "calls to the gateway; errcode 0 is success, and empty if the answer is not a JSON object that could be read",
)
REFRESHES = Described(
    "wechat_refreshes_total",
    "counter",
    ("account", "credential", "outcome"),
    "refreshes of a credential that this server made",
)
BUILD = Described("wechat_build_info", "gauge", ("version",), "always 1; the label says which version serves")
WORKERS = Described("wechat_workers", "gauge", (), "processes that serve")
PLACES = Described(
    "wechat_call_places",
    "gauge",
    ("state",),
    "places for slow calls to WeChat in all processes, free and taken; waiting: callers that wait for one",
)
STORE_UP = Described("wechat_store_up", "gauge", (), "1 while the store answers, 0 while memory serves")
EXPIRES_AT = Described(
    "wechat_credential_expires_at_seconds",
    "gauge",
    ("account", "credential"),
    "Unix time at which the stored credential is no longer handed out; none if there never was one",
)
GENERATION = Described(
    "wechat_credential_generation",
    "gauge",
    ("account", "credential"),
    "how many times the credential was saved; 0: never",
)
COOLDOWN_ENDS_AT = Described(
    "wechat_cooldown_ends_at_seconds",
    "gauge",
    ("account", "endpoint", "errcode"),
    "Unix time until which the endpoint is not called; only during a cooldown",
)

METRICS = (
    REQUESTS,
    CALLS,
    GATEWAY_CALLS,
    REFRESHES,
    BUILD,
    WORKERS,
    PLACES,
    STORE_UP,
    EXPIRES_AT,
    GENERATION,
    COOLDOWN_ENDS_AT,
)
