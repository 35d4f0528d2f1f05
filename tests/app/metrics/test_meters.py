"""What one process counts."""

import pytest

from app.metrics import Meters
from app.metrics.table import CALLS, REFRESHES, REQUESTS, WORKERS
from app.stores import Key
from tests.exposition import read, value

APPID = "wx0000000000000001"


@pytest.fixture
def meters() -> Meters:
    return Meters({APPID: "shop"})


def exposed(meters: Meters) -> str:
    return meters.text().decode()


def test_a_request_is_counted_by_route_and_status_with_its_time(meters: Meters) -> None:
    for seconds in (0.0625, 2.0):
        meters.request("/api/access_token", 200, seconds)
    meters.request("/api/access_token", 503, 5.0)
    text = exposed(meters)
    of = {"route": "/api/access_token", "status": "200"}
    assert value(text, "wechat_request_seconds_count", **of) == 2
    assert value(text, "wechat_request_seconds_sum", **of) == 2.0625
    assert value(text, "wechat_request_seconds_bucket", le="0.05", **of) == 0
    assert value(text, "wechat_request_seconds_bucket", le="0.1", **of) == 1
    assert value(text, "wechat_request_seconds_bucket", le="+Inf", **of) == 2
    assert value(text, "wechat_request_seconds_count", route="/api/access_token", status="503") == 1


@pytest.mark.parametrize(
    ("errcode", "outcome", "label"),
    [(0, "answered", "0"), (40001, "answered", "40001"), (-1, "answered", "-1"), (None, "unavailable", "")],
)
def test_a_call_is_counted_by_endpoint_and_errcode(
    meters: Meters, errcode: int | None, outcome: str, label: str
) -> None:
    meters.call("/cgi-bin/token", errcode)
    labels = {"endpoint": "/cgi-bin/token", "outcome": outcome, "errcode": label}
    assert value(exposed(meters), "wechat_calls_total", **labels) == 1


def test_unknown_errcodes_are_bounded_and_share_one_label(meters: Meters) -> None:
    for errcode in (10**4000, *range(10_001, 11_000)):
        meters.call("/cgi-bin/token", errcode)
    meters.call("/cgi-bin/token", 10_001)
    calls = {labels: count for (name, labels), count in read(exposed(meters)).items() if name == "wechat_calls_total"}
    assert len(calls) == 201
    assert sum(calls.values()) == 1001
    other = {"endpoint": "/cgi-bin/token", "outcome": "answered", "errcode": "other"}
    assert value(exposed(meters), "wechat_calls_total", **other) == 800


def test_a_refresh_is_counted_by_account_credential_and_outcome(meters: Meters) -> None:
    meters.refresh(Key(APPID, "jsapi_ticket"), "failed")
    labels = {"account": "shop", "credential": "jsapi_ticket", "outcome": "failed"}
    assert value(exposed(meters), "wechat_refreshes_total", **labels) == 1


def test_a_process_by_itself_is_one_worker(meters: Meters) -> None:
    assert value(exposed(meters), "wechat_workers") == 1


def test_two_servers_in_one_process_count_apart(meters: Meters) -> None:
    other = Meters({})
    other.call("/cgi-bin/token", 0)
    assert "/cgi-bin/token" not in exposed(meters)


def test_what_is_exposed_has_the_tables_type_and_meaning(meters: Meters) -> None:
    text = exposed(meters)
    for metric in (REQUESTS, CALLS, REFRESHES, WORKERS):
        assert f"# HELP {metric.name} {metric.meaning}\n# TYPE {metric.name} {metric.type}\n" in text
