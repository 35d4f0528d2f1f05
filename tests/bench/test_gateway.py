import pytest

from bench.gateway import Cost, check_forwarded, report
from bench.processes import Void


@pytest.mark.parametrize("accepted", [999, 1005])
def test_refused_or_repeated_calls_make_the_result_void(accepted: int) -> None:
    check_forwarded(1000, 1000)
    check_forwarded(1000, 1004)  # four connections
    with pytest.raises(Void, match=f"{accepted} calls of 1000"):
        check_forwarded(1000, accepted)


def test_gateway_may_use_three_tenths_more_cpu_time_than_the_smallest_relay() -> None:
    relay = [Cost(1000, 500)] * 3
    claims = [report([Cost(cost, 400)] * 3, relay).claims[0] for cost in (1300, 1310)]
    assert [claim.holds for claim in claims] == [True, False]
