import os
from pathlib import Path

import pytest

from bench.in_process import least_microseconds
from bench.noise import Noise
from bench.run import Run
from mock_wechat import MockWeChat


@pytest.mark.slow
@pytest.mark.parametrize(
    ("arguments", "measured"), [(["bench.parts"], {"RequestLog", "Flask"}), (["bench.accounts", "3"], {"request"})]
)
def test_a_request_is_measured(arguments: list[str], measured: set[str], tmp_path: Path) -> None:
    core = min(os.sched_getaffinity(0))
    with MockWeChat() as wechat:
        found = least_microseconds(Run(tmp_path, 1, 1, core, core, Noise()), wechat.url, *arguments)
    assert measured <= found.keys()
    assert all(cost > 0 for cost in found.values())
