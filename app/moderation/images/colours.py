"""Every mode that the five formats decode to, as RGB; what can be seen through becomes white."""

from PIL import Image

_WHITE = (255, 255, 255)


def on_white(image: Image.Image) -> Image.Image:
    """A new RGB image."""
    if image.mode == "I;16":
        return _upper_bytes(image).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    with image.convert("RGBA") as picture:
        result = Image.new("RGB", picture.size, _WHITE)
        result.paste(picture, mask=picture)
    return result


def _upper_bytes(image: Image.Image) -> Image.Image:
    """16 bits to 8. Pillow's own conversion cuts off at 255: everything but black would be white."""
    return Image.frombytes("L", image.size, image.tobytes()[1::2])
