"""The decoder for still WEBPs: what Pillow's shows, scaled on the way, and its errors."""

import io

import pytest
from PIL import Image, ImageChops

from app.exceptions import ImageUnreadable
from app.moderation.images import fit, libwebp
from tests.app.moderation.images.pictures import RED, animated, middle, near, plain, saved, seen

RAMP = Image.merge("RGBA", [Image.linear_gradient("L").rotate(90 * turn) for turn in range(4)])


@pytest.mark.parametrize("how", [{}, {"lossless": True}], ids=["lossy", "lossless"])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_picture_is_the_one_that_pillow_shows(mode: str, how: dict[str, bool]) -> None:
    upload = saved(RAMP.convert(mode), "WEBP", **how)
    theirs = Image.open(io.BytesIO(upload)).convert("RGBA")
    assert libwebp.decoded(upload, (256, 256), is_scaled=False).tobytes() == theirs.tobytes()


def test_picture_is_scaled_on_the_way_as_the_mean_of_its_pixels() -> None:
    upload = saved(RAMP.convert("RGB"), "WEBP", lossless=True)
    means = RAMP.convert("RGB").resize((32, 32), Image.Resampling.BOX)
    ours = libwebp.decoded(upload, (32, 32), is_scaled=True).convert("RGB")
    assert max(ImageChops.difference(ours, means).tobytes()) <= 2


@pytest.mark.parametrize("upload", [b"", plain("WEBP")[:-9], plain("PNG"), animated("WEBP", [RED, (0, 0, 9)])])
def test_what_is_no_whole_still_is_an_error(upload: bytes) -> None:
    with pytest.raises(OSError, match="status"):
        libwebp.decoded(upload, (60, 40), is_scaled=True)


def test_canvas_that_lies_about_its_picture_is_damaged() -> None:
    upload = plain("WEBP", mode="RGBA", colour=(1, 2, 3, 4), exif=b"II*\0")
    at = upload.index(b"VP8X") + 12
    with pytest.raises(ImageUnreadable, match="damaged"):
        fit(upload[:at] + b"\x09\0\0\x09\0\0" + upload[at + 6 :])


def test_pillow_decodes_where_the_library_cannot_be_called(monkeypatch: pytest.MonkeyPatch) -> None:
    upload = plain("WEBP", (3000, 2000), RED)
    ours = seen(fit(upload).parts[0])
    monkeypatch.setattr(libwebp, "is_there", lambda: False)
    (part,) = fit(upload).parts
    assert (part.width, part.height) == ours.size == (750, 500)
    assert near(middle(part), RED)
