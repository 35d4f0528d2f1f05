import pytest

from bench.processes import Void
from bench.slow_checks import check_statuses


@pytest.mark.parametrize("statuses", [{503}, {200, 500}])
def test_other_answers_than_a_verdict_or_busy_make_the_result_void(statuses: set[int]) -> None:
    check_statuses({200, 503})
    with pytest.raises(Void):
        check_statuses(statuses)
