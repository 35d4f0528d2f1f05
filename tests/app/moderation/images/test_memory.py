"""What a check adds to a worker's memory, and that it is given back: measured in a process of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, ImageChops

from tests.app.moderation.images.pictures import saved

pytestmark = pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="Linux counts the memory")

SIZE = (6000, 4000)
NOISE = 2_000_000
"""bytes: what the allocator and Python may do beside"""

MEASURE = """
import gc, json, pathlib, sys
from app.moderation.images import fit

def memory(kind):
    lines = pathlib.Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith(kind))

upload = pathlib.Path(sys.argv[1]).read_bytes()
fit(pathlib.Path(sys.argv[2]).read_bytes())  # whatever is loaded once
gc.collect()
found = []
for _ in range(2):
    before = memory("VmRSS")
    pathlib.Path("/proc/self/clear_refs").write_text("5")
    fitted = fit(upload)
    found.append({"parts": len(fitted.parts), "added": memory("VmHWM") - before, "kept": memory("VmRSS") - before})
print(json.dumps(found))
"""


def measured(folder: Path, upload: bytes, encoding: str) -> list[dict[str, Any]]:
    (folder / "upload").write_bytes(upload)
    (folder / "small").write_bytes(saved(Image.new("RGB", (900, 600)), encoding))
    command = [sys.executable, "-c", MEASURE, str(folder / "upload"), str(folder / "small")]
    done = subprocess.run(command, cwd=Path(__file__).parents[4], capture_output=True, check=True, timeout=120)
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def picture(mode: str, size: tuple[int, int] = SIZE) -> Image.Image:
    """One that is quick to write: its upload is small, which leaves the less to the check."""
    return Image.linear_gradient("L").resize(size, Image.Resampling.NEAREST).convert(mode)


@pytest.mark.parametrize(
    ("encoding", "mode", "how"),
    [
        ("PNG", "RGBA", {"compress_level": 1}),
        ("JPEG", "RGB", {}),
        ("JPEG", "RGB", {"progressive": True}),
        ("GIF", "P", {}),
        ("WEBP", "RGB", {"method": 0}),
        ("WEBP", "RGBA", {"method": 0, "lossless": True}),
    ],
    ids=["png", "jpeg", "progressive", "gif", "webp", "lossless webp"],
)
def test_check_of_24_megapixels_adds_little_and_gives_it_back(
    tmp_path: Path, encoding: str, mode: str, how: dict[str, Any]
) -> None:
    upload = saved(picture(mode), encoding, **how)
    for check in measured(tmp_path, upload, encoding):
        assert check["parts"] == 1
        assert check["added"] <= 4.5 * SIZE[0] * SIZE[1] + 3 * len(upload)
        assert check["kept"] <= NOISE


@pytest.mark.parametrize("encoding", ["GIF", "PNG"])
def test_animation_adds_no_more_than_its_frames(tmp_path: Path, encoding: str) -> None:
    size = (2400, 1600)
    frames = [ImageChops.offset(picture("RGB", size), 0, 100 * number) for number in range(3)]
    upload = saved(frames[0], encoding, save_all=True, append_images=frames[1:])
    for check in measured(tmp_path, upload, encoding):
        assert check["parts"] == 3
        assert check["added"] <= 4.5 * size[0] * size[1] * len(frames) + 3 * len(upload)
        assert check["kept"] <= NOISE


def test_long_strip_is_cut_one_tile_at_a_time(tmp_path: Path) -> None:
    size = (1440, 16_000)
    upload = saved(picture("RGBA", size), "PNG", compress_level=1)
    for check in measured(tmp_path, upload, "PNG"):
        assert check["parts"] == 15
        assert check["added"] <= 4.5 * size[0] * size[1] + 3 * len(upload)
        assert check["kept"] <= NOISE + 15 * 500_000
