"""Decodes a still WEBP with libwebp's own decoder, scaled down on the way.

Pillow takes every WEBP for an animation: with two canvases, a copy and the image it needs 16 bytes a pixel, 400 MB for
25 megapixels. The decoder for stills needs the scaled picture and, for a lossless one, four bytes a pixel. It lies in
the library that Pillow is linked with, and is called through its public interface, whose version is checked
(webp/decode.h; https://developers.google.com/speed/webp/docs/api#advanced_decoding_api).
"""

import ctypes
from functools import cache
from typing import ClassVar

from PIL import Image, _webp

_ABI = 0x0209
"""WEBP_DECODER_ABI_VERSION; a library of another major version refuses it"""
_RGBA = 1
_BYTES = 4
"""of a pixel"""


def _numbers(names: str) -> list[tuple[str, type]]:
    return [(name, ctypes.c_int) for name in names.split()]


class _Features(ctypes.Structure):
    _fields_: ClassVar = [*_numbers("width height has_alpha has_animation format"), ("pad", ctypes.c_uint32 * 5)]


class _Pixels(ctypes.Structure):
    _fields_: ClassVar = [("start", ctypes.c_void_p), ("stride", ctypes.c_int), ("size", ctypes.c_size_t)]


class _Planes(ctypes.Structure):
    _fields_: ClassVar = [("y", ctypes.c_void_p * 4), ("stride", ctypes.c_int * 4), ("size", ctypes.c_size_t * 4)]


class _Either(ctypes.Union):
    _fields_: ClassVar = [("rgba", _Pixels), ("yuva", _Planes)]


class _Output(ctypes.Structure):
    _fields_: ClassVar = [
        *_numbers("colorspace width height is_external_memory"),
        ("either", _Either),
        ("pad", ctypes.c_uint32 * 4),
        ("private_memory", ctypes.c_void_p),
    ]


class _Options(ctypes.Structure):
    _fields_: ClassVar = [
        *_numbers("bypass_filtering no_fancy_upsampling use_cropping crop_left crop_top crop_width crop_height"),
        *_numbers("use_scaling scaled_width scaled_height use_threads"),
        *_numbers("dithering_strength flip alpha_dithering_strength"),
        ("pad", ctypes.c_uint32 * 5),
    ]


class _Config(ctypes.Structure):
    _fields_: ClassVar = [("input", _Features), ("output", _Output), ("options", _Options)]


@cache
def _library() -> ctypes.CDLL | None:
    library = ctypes.CDLL(_webp.__file__)
    known = hasattr(library, "WebPDecode") and hasattr(library, "WebPInitDecoderConfigInternal")
    return library if known and library.WebPInitDecoderConfigInternal(ctypes.byref(_Config()), _ABI) else None


def is_there() -> bool:
    """Whether Pillow is linked with a library whose decoder can be called; it is in every wheel."""
    return _library() is not None


def decoded(content: bytes, size: tuple[int, int], *, is_scaled: bool) -> Image.Image:
    """The picture as RGBA, of this size: its own, or scaled to it. Raises OSError where it is damaged or moves."""
    library, config = _library(), _Config()
    if library is None or not library.WebPInitDecoderConfigInternal(ctypes.byref(config), _ABI):
        raise OSError("no decoder")
    width, height = size
    pixels = bytearray(width * height * _BYTES)
    start = (ctypes.c_char * len(pixels)).from_buffer(pixels)
    config.output.colorspace = _RGBA
    config.output.is_external_memory = 1
    config.output.either.rgba = _Pixels(ctypes.addressof(start), width * _BYTES, len(pixels))
    config.options.use_scaling = is_scaled
    config.options.scaled_width, config.options.scaled_height = width, height
    status = library.WebPDecode(content, ctypes.c_size_t(len(content)), ctypes.byref(config))
    if status:
        raise OSError(f"libwebp status {status}")
    return Image.frombuffer("RGBA", size, pixels, "raw", "RGBA", 0, 1)
