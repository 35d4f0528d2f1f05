import pytest

from bench.parts import shares
from bench.report import Claim, ratio, table


def test_ratio_is_that_of_the_medians_with_its_range_by_round() -> None:
    assert ratio("p99", (90, 100, 400), (200, 200, 200), least=0.6).row() == (
        "p99",
        "0.50",
        "0.45 - 2.00",
        ">= 0.6",
        "NO",
    )


@pytest.mark.parametrize(("value", "holds"), [(0.894, False), (0.896, True), (1.204, True), (1.206, False)])
def test_claim_is_judged_by_the_printed_value(value: float, *, holds: bool) -> None:
    assert Claim("", value, least=0.9, most=1.2).holds is holds


def test_first_column_is_left_aligned_and_the_others_right_aligned() -> None:
    assert table([("", "requests/s"), ("ours", "1")]) == "      requests/s\nours           1"


def test_parts_are_the_differences_of_the_layers() -> None:
    layers = {"ProxyAware": 100.0, "RequestLog": 95.0, "FastPath": 70.0, "Flask": 300.0}
    found = shares({**layers, "work": 40.0, "observe": 3.0, "hash": 2.0})
    whole = {"whole request": 100.0, "ProxyAware": 5.0, "RequestLog": 22.0, "FastPath": 70.0, "Flask": 260.0}
    assert list(found.values())[:5] == list(whole.values())
    assert list(found)[:5] == list(whole)
