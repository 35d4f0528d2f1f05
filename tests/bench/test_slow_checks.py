from bench.load import Round
from bench.slow_checks import Result


def test_ratio_is_that_of_the_middle_rounds_and_answers_are_added_up() -> None:
    def rounds(*p99s: float) -> list[Round]:
        return [Round(100, p99, "") for p99 in p99s]

    callers = [{"statuses": {"200": 24, "503": 176}, "slowest": 2.0}, {"statuses": {"200": 20}, "slowest": 2.5}]
    result = Result(rounds(4, 90, 5), rounds(9, 10, 1), callers)
    assert result.ratio == 9 / 5
    assert result.statuses == {"200": 44, "503": 176}
    assert "2.50" in result.lines()
