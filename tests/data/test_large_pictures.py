"""A picture that unfolds to more than any frame of a recording is refused by name, before its pixels are."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from mutations import little_memory

from mebench.data.clips.marker import any_marked
from mebench.data.pictures import decode_square, decode_whole, read_square
from mebench.data.ready import _opened as opened_ready
from mebench.errors import MebenchError
from mebench.regular_files import LargeFileError

Decode = Callable[[Path, bytes], object]
WAYS: dict[str, Decode] = {
    "square": lambda path, content: decode_square(path, content, 28),
    "whole": decode_whole,
    "ready": opened_ready,
}


@pytest.fixture(autouse=True)
def _little_memory() -> Iterator[None]:
    with little_memory():
        yield


def png(width: int, height: int, *extra: tuple[bytes, bytes]) -> bytes:
    """Return a picture of one bit a pixel, all black: 1 GB of it is 125 kB."""
    line = bytes(1 + (width + 7) // 8)
    packer = zlib.compressobj(9)
    pixels = b"".join(packer.compress(line) for _ in range(min(height, 2000))) + packer.flush()
    chunks = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)),
        *extra,
        (b"IDAT", pixels),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("decode", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("side", [8_001, 10_000, 20_000, 100_000])
def test_a_picture_of_too_many_pixels_is_named(decode: Decode, side: int, tmp_path: Path) -> None:
    path = tmp_path / "12.png"
    path.write_bytes(png(side, side))
    with pytest.raises(
        MebenchError, match=r"12\.png is no frame of a recording: .* 64 million pixels are the most"
    ):
        decode(path, path.read_bytes())
    assert not any_marked([path])


def test_a_text_in_a_picture_is_not_unfolded(tmp_path: Path) -> None:
    path = tmp_path / "12.png"
    text = b"comment\0\0" + zlib.compress(b"mebench synthetic twin" + bytes(200 << 20), 9)
    path.write_bytes(png(8, 8, (b"zTXt", text)))
    assert read_square(path, 28) is None
    assert not any_marked([path])


def test_a_file_under_a_pictures_name_is_not_held_whatever_its_size(tmp_path: Path) -> None:
    path = tmp_path / "12.png"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(LargeFileError, match=r"12\.png is larger than 512 MiB"):
        read_square(path, 28)
