"""Decoding one picture file, as a viewer shows it.

    read_square(path, size=112)            # uint8 (112, 112, 3) RGB, or None of a damaged picture
    content = read_bytes(path)             # mebench.data.fetching
    decode_square(path, content, 112)      # the same, with what had to be done to it
    decode_whole(path, content)            # the whole picture, for `data prepare`

What "as a viewer shows it" means here:

- EXIF orientation is honoured (and XMP's, where there is no EXIF).
- 16-bit grey keeps its range: 0..65535 becomes 0..255, whatever values occur. Other numbers (32-bit, float) have
  no range of their own and are refused.
- Transparent places, of an alpha channel or a palette, show white.
- CMYK and YCCK JPEGs are read as Adobe writes them, inverted; colour profiles are not applied.
- Of a file that holds several pictures (animated, or of many pages) the first one counts.

A file that the system cannot read is not a damaged picture: bytes are read first (:mod:`mebench.data.fetching`),
and all that goes wrong after that is the picture's own fault.
"""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFile

from mebench.data.fetching import read_bytes
from mebench.errors import MebenchError

# Raised when the same bytes give other pixels: a prepared folder says with which decoding it was made.
DECODING = 2

# No camera of this field comes near; a header that claims more would fill the memory.
MOST_PIXELS = 64_000_000

_ORIENTATION = 0x0112
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
_SHOWABLE = {"1", "L", "LA", "P", "PA", "RGB", "RGBA", "RGBX", "RGBa", "CMYK", "YCbCr", "HSV", "LAB"}
# What Pillow raises on bytes that are no whole picture.
DAMAGE = (OSError, SyntaxError, ValueError, LookupError, EOFError, OverflowError, struct.error, zlib.error)


@dataclass(frozen=True)
class Square:
    """A picture's central square, uint8 (size, size, 3) RGB; ``pixels`` is None where the picture is damaged.

    ``turned`` tells whether its orientation tag turned or mirrored it, ``several`` whether its file holds more
    pictures than this first one.
    """

    pixels: np.ndarray | None
    turned: bool = False
    several: bool = False


def read_square(path: Path, size: int) -> np.ndarray | None:
    """Return a picture's central square at ``size``, uint8 (size, size, 3), or None if it is damaged.

    Raises:
        MebenchError: the system cannot read the file, or see :func:`decode_square`.
    """
    return decode_square(path, read_bytes(path), size).pixels


def decode_square(path: Path, content: bytes, size: int) -> Square:
    """Return the central square of a picture file's content, resized with antialiasing.

    Raises:
        MebenchError: the picture is too large, or of a kind that has no one way to be shown.
    """
    try:
        with open_picture(path, content) as opened:
            # JPEG decodes at a fraction of its size for free; twice the target keeps the antialiasing.
            opened.draft("RGB", (2 * size, 2 * size))
            upright, turned = _upright(opened)
            width, height = upright.size
            side = min(width, height)
            left, top = (width - side) // 2, (height - side) // 2
            middle = _rgb(path, upright.crop((left, top, left + side, top + side)), opened.format)
            square = np.asarray(middle.resize((size, size), Image.Resampling.BILINEAR))
            return Square(square, turned, _several(opened))
    except DAMAGE as error:
        _check_memory(path, error)
        return Square(None)
    except MemoryError as error:
        raise _no_memory(path) from error


def decode_whole(path: Path, content: bytes) -> Image.Image | None:
    """Return the whole picture in RGB and upright, or None if it is damaged.

    Raises:
        MebenchError: see :func:`decode_square`.
    """
    try:
        with open_picture(path, content) as opened:
            picture = _rgb(path, _upright(opened)[0], opened.format)
            return picture.copy() if picture is opened else picture  # no file's object outlives its file
    except DAMAGE as error:
        _check_memory(path, error)
        return None
    except MemoryError as error:
        raise _no_memory(path) from error


def open_picture(path: Path, content: bytes) -> Any:
    """Return Pillow's picture of a file's content, whose pixels are not decoded yet.

    Raises:
        MebenchError: it says that it is larger than any frame of a recording.
        Exception: one of :data:`DAMAGE`; it is no picture.
    """
    # A plugin that set this would make half a picture a whole one, grey below.
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    if _ends_in_a_hole(content):
        raise OSError("the end of the file is missing")
    try:
        opened = Image.open(io.BytesIO(content))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise _too_large(path, str(error)) from error
    width, height = opened.size
    if width * height > MOST_PIXELS:
        raise _too_large(path, f"it says that it is {width} x {height} pixels")
    return opened


def _ends_in_a_hole(content: bytes) -> bool:
    """Tell whether a JPEG's end was never written: zeros in place of its last part, as broken copying leaves.

    Zeros are valid code, so the decoder does not notice and paints the rest in one colour.
    """
    if not (content.startswith(b"\xff\xd8") and content.endswith(bytes(16))):
        return False
    return content.find(b"\xff\xd9", max(0, content.rfind(b"\xff\xda"))) < 0


def _upright(opened: Any) -> tuple[Image.Image, bool]:
    """Return a picture decoded and turned as its orientation tag says, and whether that turned it."""
    # Pillow turns a TIFF while it loads it and drops the tag; of other pictures it leaves both alone.
    before = _orientation(opened) if opened.format == "TIFF" else None
    opened.load()
    now = _orientation(opened)
    picture = opened.transpose(_UPRIGHT[now]) if now in _UPRIGHT else opened
    return picture, before in _UPRIGHT or now in _UPRIGHT


def _orientation(opened: Any) -> Any:
    try:
        return opened.getexif().get(_ORIENTATION)
    except (*DAMAGE, TypeError, AttributeError):
        return None  # a viewer shows a picture whose tags are broken


def _several(opened: Any) -> bool:
    try:
        return int(getattr(opened, "n_frames", 1)) > 1
    except DAMAGE:
        return True  # something follows the first picture, and it is broken


def _rgb(path: Path, picture: Image.Image, written_as: str | None) -> Image.Image:
    # Of these formats, whose whole numbers have 16 bits, Pillow (PNG: before 11) gives the wider mode.
    if picture.mode.startswith("I;16") or (picture.mode == "I" and written_as in ("PNG", "PPM")):
        levels = np.asarray(picture).astype(np.uint32)
        return Image.fromarray(((levels * 255 + 32767) // 65535).astype(np.uint8)).convert("RGB")
    if picture.mode not in _SHOWABLE:
        raise MebenchError(
            f"{path} holds numbers (Pillow's mode {picture.mode!r}) that no one range turns into brightness: save it "
            "with 8 or 16 bits a channel"
        )
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen).convert("RGB")
    # Pillow would copy it.
    return picture if picture.mode == "RGB" else picture.convert("RGB")


def _too_large(path: Path, why: str) -> MebenchError:
    return MebenchError(
        f"{path} is no frame of a recording: {why}, and {MOST_PIXELS // 1_000_000} million pixels are the most; "
        "restore it, or take it away, which counts it as missing"
    )


def _check_memory(path: Path, error: Exception) -> None:
    if "out of memory" in str(error):  # Pillow's decoders say so in an OSError
        raise _no_memory(path) from error


def _no_memory(path: Path) -> MebenchError:
    return MebenchError(
        f"there is not enough memory to decode {path}: close other programs, or allow this one more"
    )
