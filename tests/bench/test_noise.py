import subprocess
import sys

from bench import noise


def test_other_programs_make_the_result_noisy() -> None:
    watched = noise.Noise()
    assert not watched.reasons()
    watched.cores += [0.0, 0.19]
    assert not watched.reasons()
    watched.cores.append(0.2)
    assert "0.13 of a core" in watched.reasons()[0]


def test_work_of_an_ended_child_is_our_own() -> None:
    before = noise._own_ticks()
    work = "import time\nwhile time.process_time() < 0.3: pass"
    subprocess.run([sys.executable, "-c", work], check=True)
    assert noise._own_ticks() - before >= 0.29 * noise._TICKS
