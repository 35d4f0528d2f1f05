from typing import Any

import pytest

from bench.load import Round
from bench.signatures import Result, Void, check_signature
from bench.table import table

# printf '%s' 'jsapi_ticket=t1&noncestr=Wm3WZYTPz0wzccnW&timestamp=1414587457&url=<PAGE>' | sha1sum
SIGNED_WITH_T1: dict[str, Any] = {
    "nonceStr": "Wm3WZYTPz0wzccnW",
    "timestamp": 1414587457,
    "signature": "783010258917e1dab8a08a3162b26f337ceba28a",
}


def result(name: str, *rounds: tuple[float, float]) -> Result:
    return Result(name, [Round(rate, p99, "") for rate, p99 in rounds], 50.0)


def test_signature_with_another_ticket_makes_the_result_void() -> None:
    check_signature("ours", SIGNED_WITH_T1, "t1")
    with pytest.raises(Void, match="ours"):
        check_signature("ours", SIGNED_WITH_T1, "t2")


def test_table_has_the_ratio_of_medians_and_those_of_single_rounds() -> None:
    ours = result("ours", (90, 4), (100, 5), (400, 6))
    peer = result("peer", (200, 2), (200, 2), (200, 8))
    throughput, p99, memory = table(ours, peer).splitlines()[1:]
    assert throughput.split()[-8:] == ["100.0", "200.0", "0.50", "0.45", "-", "2.00", ">=", "0.95"]
    assert p99.split()[-6:] == ["5.0", "2.0", "2.50", "0.75", "-", "2.50"]
    assert memory.split()[-5:] == ["50.0", "50.0", "<=", "96", "MiB"]
