"""A picture comes out as a viewer shows it, whatever its file holds; what is not whole does not come out."""

from __future__ import annotations

import io
import struct
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageFile, ImageOps

from mebench.data.pictures import MOST_PIXELS, decode_square, decode_whole
from mebench.errors import MebenchError

PATH = Path("frames/12.png")
GREY_16 = np.linspace(0, 65535, 64 * 64).astype(np.uint16).reshape(64, 64)


def saved(picture: Image.Image, kind: str, **options: Any) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def whole(content: bytes) -> np.ndarray:
    picture = decode_whole(PATH, content)
    assert picture is not None
    assert picture.mode == "RGB"
    return np.asarray(picture).astype(int)


def square(content: bytes, size: int) -> np.ndarray:
    pixels = decode_square(PATH, content, size).pixels
    assert pixels is not None
    assert (pixels.shape, pixels.dtype) == ((size, size, 3), np.uint8)
    return pixels.astype(int)


def noise(height: int, width: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8))


# ---- 16 bits


@pytest.mark.parametrize("kind", ["png", "tiff", "big-endian tiff"])
def test_16_bit_pictures_keep_their_range(kind: str) -> None:
    if kind == "big-endian tiff":
        content = saved(Image.frombytes("I;16B", (64, 64), GREY_16.astype(">u2").tobytes()), "tiff")
    else:
        content = saved(Image.fromarray(GREY_16), kind)
    expected = np.repeat(GREY_16[..., None] / 257, 3, axis=2)
    assert np.abs(whole(content) - expected).max() <= 0.5
    assert np.abs(square(content, 64) - expected).max() <= 0.5


def test_a_dark_16_bit_picture_stays_dark() -> None:
    """The range is the file's, not that of its values: else each frame of a clip would have its own."""
    assert whole(saved(Image.fromarray((GREY_16 // 16).astype(np.uint16)), "png")).max() == 16


def test_a_16_bit_picture_of_another_format_keeps_its_range() -> None:
    levels = GREY_16.astype(">u2").tobytes()
    assert np.abs(whole(b"P5 64 64 65535\n" + levels)[..., 0] - GREY_16 / 257).max() <= 0.5


@pytest.mark.parametrize("dtype", [np.float32, np.int32])
def test_numbers_without_a_range_of_their_own_are_refused(dtype: type) -> None:
    content = saved(Image.fromarray(GREY_16.astype(dtype)), "tiff")
    for decode in (decode_whole, lambda path, content: decode_square(path, content, 8)):
        with pytest.raises(MebenchError, match=r"12\.png holds numbers .* save it with 8 or 16 bits"):
            decode(PATH, content)


# ---- orientation


@pytest.mark.parametrize("kind", ["jpeg", "png", "tiff", "mpo"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_the_orientation_tag_is_honoured_and_told(kind: str, orientation: int) -> None:
    tags = Image.Exif()
    tags[0x0112] = orientation
    content = saved(noise(24, 41), kind, exif=tags)
    with Image.open(io.BytesIO(content)) as opened:
        expected = np.asarray(ImageOps.exif_transpose(opened).convert("RGB")).astype(int)
    assert (whole(content) == expected).all()
    found = decode_square(PATH, content, 24)
    assert found.turned == (orientation != 1)
    left, top = (expected.shape[1] - 24) // 2, (expected.shape[0] - 24) // 2
    assert (square(content, 24) == expected[top : top + 24, left : left + 24]).all()


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data")
@pytest.mark.parametrize("tags", [b"Exif\0\0", b"Exif\0\0MM\0*\0\0\xff\xff", b"Exif\0\0II*\0\x08\0\0\0\xff"])
def test_broken_tags_leave_the_picture_as_it_is(tags: bytes) -> None:
    content = saved(noise(24, 24), "jpeg", exif=tags)
    assert decode_square(PATH, content, 24).turned is False
    assert (square(content, 24) == square(saved(noise(24, 24), "jpeg"), 24)).all()


# ---- colours


RED = (200, 40, 30)


def of_mode(mode: str) -> tuple[Image.Image, tuple[int, int, int]]:
    """Return a picture of one colour in a mode, and how a viewer shows it on white."""
    if mode == "1":
        return Image.new("1", (8, 8), 1), (255, 255, 255)
    if mode == "L":
        return Image.new("L", (8, 8), 90), (90, 90, 90)
    if mode == "LA":
        return Image.new("LA", (8, 8), (100, 51)), (224, 224, 224)
    if mode == "RGBA":
        return Image.new("RGBA", (8, 8), (*RED, 102)), (233, 169, 165)
    if mode == "P":
        return Image.new("RGB", (8, 8), RED).quantize(4), RED
    return Image.new("CMYK", (8, 8), (55, 215, 225, 0)), RED


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGBA", "P"])
def test_a_picture_of_any_mode_shows_its_colour(mode: str) -> None:
    picture, expected = of_mode(mode)
    content = saved(picture, "png")
    with Image.open(io.BytesIO(content)) as opened:
        assert opened.mode == mode
    assert np.abs(whole(content) - expected).max() <= 1
    assert np.abs(square(content, 4) - expected).max() <= 1


def test_a_colour_that_a_palette_makes_transparent_shows_white() -> None:
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([*RED, 10, 20, 30])
    picture.paste(1, (4, 0, 8, 8))
    opaque, clear = (whole(saved(picture, "png", **options)) for options in ({}, {"transparency": 0}))
    assert (opaque[:, :4] == RED).all()
    assert (clear[:, :4] == 255).all()
    assert (clear[:, 4:] == opaque[:, 4:]).all()
    assert (clear[:, 4:] == (10, 20, 30)).all()


@pytest.mark.parametrize("mode", ["RGB", "L"])
def test_a_colour_that_the_header_makes_transparent_shows_white(mode: str) -> None:
    picture = Image.new(mode, (8, 8), RED if mode == "RGB" else 90)
    assert (whole(saved(picture, "png", transparency=RED if mode == "RGB" else 90)) == 255).all()


def test_cmyk_jpegs_are_read_as_adobe_writes_them() -> None:
    content = saved(of_mode("CMYK")[0], "jpeg", quality=100)
    assert b"Adobe" in content
    assert np.abs(whole(content) - RED).max() <= 3
    assert np.abs(square(content, 4) - RED).max() <= 3


def test_an_alpha_channel_leaves_no_fringe_of_what_it_hides() -> None:
    """Hidden pixels may hold any colour; made smaller, none of it shows."""
    pixels = np.zeros((64, 64, 4), np.uint8)
    pixels[:, 32:] = (0, 0, 0, 255)
    pixels[:, :32, 1] = 255  # green, and wholly transparent
    found = square(saved(Image.fromarray(pixels), "png"), 16)
    assert (found.max(axis=2) == found.min(axis=2)).all()


# ---- several pictures in a file


@pytest.mark.parametrize("kind", ["gif", "png", "tiff", "mpo", "webp"])
def test_of_several_pictures_the_first_is_taken_and_told(kind: str) -> None:
    first, second = Image.new("RGB", (8, 8), (255, 255, 255)), Image.new("RGB", (8, 8))
    found = decode_square(PATH, saved(first, kind, save_all=True, append_images=[second]), 4)
    assert found.several
    assert found.pixels is not None
    assert found.pixels.min() > 250
    assert not decode_square(PATH, saved(first, "jpeg" if kind == "mpo" else kind), 4).several


# ---- not whole


def cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


@pytest.mark.parametrize("kind", ["jpeg", "png", "bmp", "tiff", "gif"])
@pytest.mark.parametrize("lenient", [False, True], ids=["as it is", "a plugin lets Pillow fill in"])
def test_half_a_picture_is_damaged_whatever_a_plugin_set(
    monkeypatch: pytest.MonkeyPatch, kind: str, lenient: bool
) -> None:
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    content = saved(noise(64, 64), kind)
    assert decode_square(PATH, content, 8).pixels is not None
    assert decode_square(PATH, cut(content), 8).pixels is None
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", lenient)
    assert decode_whole(PATH, cut(content)) is None


@pytest.mark.parametrize("progressive", [False, True])
def test_a_jpeg_whose_end_is_a_hole_is_damaged(progressive: bool) -> None:
    content = saved(noise(64, 64), "jpeg", progressive=progressive, exif=b"Exif\0\0" + b"\xff\xd9" * 8)
    hole = cut(content) + bytes(len(content) - len(cut(content)))
    assert decode_square(PATH, hole, 8).pixels is None
    assert decode_whole(PATH, hole) is None
    # Zeros behind a whole picture are no hole.
    assert (square(content + bytes(4096), 8) == square(content, 8)).all()


@pytest.mark.parametrize("content", [b"", b"\0" * 5000, b"<html>not found</html>", b"\xff\xd8\xff", b"BM"])
def test_what_is_no_picture_is_damaged(content: bytes) -> None:
    assert decode_square(PATH, content, 8).pixels is None
    assert decode_whole(PATH, content) is None


# ---- too large


def png_of_size(width: int, height: int) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(1000))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


@pytest.mark.parametrize("side", [8001, 10_000, 60_000])
@pytest.mark.filterwarnings("error")
def test_a_picture_that_claims_to_be_enormous_gives_one_sentence(side: int) -> None:
    assert side * side > MOST_PIXELS
    with pytest.raises(MebenchError) as raised:
        decode_square(PATH, png_of_size(side, side), 112)
    message = str(raised.value)
    assert message.startswith(f"{PATH} is no frame of a recording: ")
    assert "64 million pixels are the most" in message
    assert "\n" not in message
