"""Reading frames: the middle square, the nearest readable frame, damaged files named and passed over."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mebench.data.clips.layout import FrameList
from mebench.data.fetching import UnreachableError
from mebench.data.pictures import read_square
from mebench.errors import MebenchError
from mebench.features.reader import ClipReader, PictureNotes


def _save(path: Path, pixels: np.ndarray, **options: int) -> Path:
    Image.fromarray(pixels).save(path, **options)
    return path


def _noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def _thirds(height: int, width: int, margin: int) -> np.ndarray:
    """Return red, then green, then blue, along the longer side; green is the middle square."""
    pixels = np.zeros((max(height, width), min(height, width), 3), np.uint8)
    pixels[:margin, :, 0] = pixels[margin:-margin, :, 1] = pixels[-margin:, :, 2] = 255
    return pixels if height > width else pixels.transpose(1, 0, 2)


@pytest.fixture
def clip(tmp_path: Path) -> ClipReader:
    """A clip of frames 10, 11, 14 and 15; a frame's grey value is ten times its number."""
    numbers = (10, 11, 14, 15)
    paths = tuple(_save(tmp_path / f"{n}.png", np.full((4, 4, 3), 10 * n, np.uint8)) for n in numbers)
    return ClipReader("casme3/s/a/10", 10, 12, 15, FrameList(numbers, paths))


@pytest.mark.parametrize(("height", "width"), [(40, 80), (80, 40)])
def test_the_middle_square_is_taken(tmp_path: Path, height: int, width: int) -> None:
    path = _save(tmp_path / "a.png", _thirds(height, width, 20))
    square = read_square(path, 10)
    assert square is not None
    assert square.shape == (10, 10, 3)
    assert square.dtype == np.uint8
    assert (square[1:-1, 1:-1] == [0, 255, 0]).all()
    # Antialiasing looks over the edge by half a pixel of the result.
    assert (square[..., 1] > 200).all()


def test_the_middle_square_of_a_large_jpeg_is_taken_too(tmp_path: Path) -> None:
    path = _save(tmp_path / "a.jpg", _thirds(600, 1200, 300), quality=95)
    square = read_square(path, 40)
    assert square is not None
    # Colour bleeds over the edge by a pixel in a JPEG.
    assert np.abs(square[:, 2:-2].astype(int) - [0, 255, 0]).max() < 8


def test_making_a_picture_smaller_averages(tmp_path: Path) -> None:
    board = (np.indices((64, 64)).sum(axis=0) % 2 * 255).astype(np.uint8)
    square = read_square(_save(tmp_path / "a.png", board), 8)
    assert square is not None
    assert square.min() > 100
    assert square.max() < 155


def test_a_frame_that_is_there_is_given(clip: ClipReader) -> None:
    assert (clip.frame(14, 2) == 140).all()
    assert not clip.damaged


@pytest.mark.parametrize(
    ("number", "nearest"), [(12, 11), (13, 14), (3, 10), (99, 15)], ids=["below", "above", "before", "after"]
)
def test_the_nearest_frame_stands_in_for_a_missing_one(clip: ClipReader, number: int, nearest: int) -> None:
    assert (clip.frame(number, 2) == 10 * nearest).all()


def test_of_two_frames_equally_near_the_earlier_one_counts(tmp_path: Path) -> None:
    paths = tuple(_save(tmp_path / f"{n}.png", np.full((4, 4, 3), 10 * n, np.uint8)) for n in (4, 6))
    clip = ClipReader("k", 4, 5, 6, FrameList((4, 6), paths))
    assert (clip.frame(5, 2) == 40).all()


def _break(path: Path, how: str) -> None:
    if how == "no picture":
        path.write_text("<html>not found</html>")
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "cut JPEG":
        whole = io.BytesIO()
        Image.fromarray(_noise(64, 64)).save(whole, "jpeg")
        path.write_bytes(whole.getvalue()[: len(whole.getvalue()) // 2])
    elif how == "cut PNG":
        path.write_bytes(path.read_bytes()[:50])
    elif how == "hole":
        whole = io.BytesIO()
        Image.fromarray(_noise(64, 64)).save(whole, "jpeg")
        path.write_bytes(whole.getvalue()[:1000] + bytes(len(whole.getvalue()) - 1000))


@pytest.mark.parametrize("how", ["no picture", "empty", "cut JPEG", "cut PNG", "hole"])
def test_a_damaged_frame_is_passed_over_and_named(clip: ClipReader, how: str) -> None:
    broken = clip.frames.paths[1]
    _break(broken, how)
    assert (clip.frame(11, 2) == 100).all()
    before, after, share = clip.around(11.0, 2)
    assert (before == 100).all()
    assert (after == 140).all()
    assert share == 0.25
    assert clip.damaged == {broken}


@pytest.mark.parametrize("ask", ["frame", "around"])
def test_a_clip_without_a_readable_frame_gives_one_sentence(clip: ClipReader, ask: str) -> None:
    for path in clip.frames.paths:
        _break(path, "empty")
    with pytest.raises(MebenchError) as raised:
        getattr(clip, ask)(12, 2)
    message = str(raised.value)
    assert "casme3/s/a/10" in message
    assert str(clip.frames.paths[0]) in message
    assert "none of its 4 frames" in message
    assert "--allow-dropped" in message
    assert "\n" not in message


def test_a_frame_is_decoded_once_for_each_size(clip: ClipReader) -> None:
    first = clip.frame(10, 2)
    _break(clip.frames.paths[0], "empty")
    assert clip.frame(10, 2) is first
    assert (clip.frame(10, 3) == 110).all()


def test_a_frame_that_is_gone_is_no_damaged_picture(
    clip: ClipReader, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("mebench.data.fetching.PAUSES", (0.01,))
    clip.frames.paths[1].unlink()
    with pytest.raises(UnreachableError, match=r"11\.png: it is gone"):
        clip.frame(11, 2)
    assert not clip.damaged


def test_notes_name_what_was_looked_at_by_frame_number(clip: ClipReader) -> None:
    for path in clip.frames.paths[1:]:
        path.write_bytes(b"torn")
    assert clip.notes() == PictureNotes()
    clip.frame(15, 2)
    clip.frame(15, 3)
    assert clip.notes() == PictureNotes(unreadable=(11, 14, 15))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), kind=st.sampled_from(["jpeg", "png", "bmp"]))
def test_no_damage_to_a_file_raises(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, kind: str
) -> None:
    whole = io.BytesIO()
    Image.fromarray(_noise(12, 16)).save(whole, kind)
    content = bytearray(whole.getvalue())
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damage") / "frame"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        square = read_square(path, 4)
    except MebenchError as error:
        if "million pixels are the most" not in str(error):  # a damaged header may claim any size
            raise
        return
    assert square is None or square.shape == (4, 4, 3)
