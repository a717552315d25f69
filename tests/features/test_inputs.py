"""Inputs: which frames they take, how they bridge what is missing, and that they look at one clip only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from mebench.data.clips.layout import FrameList
from mebench.errors import MebenchError
from mebench.features.inputs import ApexFrame, ClipFrames, Input, MiddleFrame, OnsetFrame
from mebench.features.reader import ClipReader

# A frame's grey value is its number times this: a ramp on which every interpolation has one right answer.
STEP = 5
LAST = 50


@pytest.fixture(scope="module")
def ramp(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of frames 0 to 50."""
    folder = tmp_path_factory.mktemp("ramp")
    for number in range(LAST + 1):
        Image.new("RGB", (5, 4), (number * STEP,) * 3).save(folder / f"{number}.png")
    return folder


def _clip(folder: Path, onset: int, apex: int, offset: int, missing: Any = ()) -> ClipReader:
    numbers = tuple(n for n in range(onset, offset + 1) if n not in missing)
    paths = tuple(folder / f"{n}.png" for n in numbers)
    return ClipReader(f"d/s/c/{onset}", onset, apex, offset, FrameList(numbers, paths))


def _values(wanted: Input, clip: ClipReader) -> np.ndarray:
    """Return each frame's grey value, after asserting that it is the same all over the frame."""
    array = wanted.compute(clip)
    assert array.shape == wanted.shape
    assert array.dtype == np.uint8
    flat = array.reshape(-1, array.shape[-3] * array.shape[-2] * 3)
    assert (flat == flat[:, :1]).all()
    return flat[:, 0].astype(float)


@pytest.mark.parametrize(
    ("wanted", "number"), [(OnsetFrame(3), 10), (ApexFrame(3), 17), (MiddleFrame(3), 15)], ids=str
)
def test_an_input_of_one_frame_takes_its_frame(ramp: Path, wanted: Input, number: int) -> None:
    assert _values(wanted, _clip(ramp, 10, 17, 20)) == number * STEP


def test_a_long_clip_gives_whole_frames_evenly_spread(ramp: Path) -> None:
    values = _values(ClipFrames(n=5, size=2), _clip(ramp, 10, 12, 30))
    assert (values == np.array([10, 15, 20, 25, 30]) * STEP).all()


def test_a_long_clip_gives_the_nearest_whole_frames(ramp: Path) -> None:
    # Even positions are 0, 3 1/3, 6 2/3, 10.
    values = _values(ClipFrames(n=4, size=2), _clip(ramp, 0, 5, 10))
    assert (values == np.array([0, 3, 7, 10]) * STEP).all()


def test_a_clip_of_exactly_n_frames_gives_them_all(ramp: Path) -> None:
    values = _values(ClipFrames(n=8, size=2), _clip(ramp, 3, 5, 10))
    assert (values == np.arange(3, 11) * STEP).all()


def test_a_short_clip_is_interpolated_between_its_frames(ramp: Path) -> None:
    values = _values(ClipFrames(n=9, size=2), _clip(ramp, 10, 11, 14))
    assert np.abs(values - np.linspace(10, 14, 9) * STEP).max() <= 0.5
    assert len(set(values)) == 9


def test_a_clip_of_one_frame_repeats_it(ramp: Path) -> None:
    assert (_values(ClipFrames(n=6, size=2), _clip(ramp, 7, 7, 7)) == 7 * STEP).all()


def test_one_sampled_frame_is_the_onset(ramp: Path) -> None:
    assert (_values(ClipFrames(n=1, size=2), _clip(ramp, 7, 9, 12)) == 7 * STEP).all()


def test_a_gap_is_bridged_by_its_neighbours(ramp: Path) -> None:
    values = _values(ClipFrames(n=11, size=2), _clip(ramp, 10, 12, 20, missing={13, 14, 15, 16}))
    assert np.abs(values - np.arange(10, 21) * STEP).max() <= 0.5


def test_where_the_ends_are_missing_the_nearest_frame_stands_alone(ramp: Path) -> None:
    values = _values(ClipFrames(n=6, size=2), _clip(ramp, 10, 12, 15, missing={10, 11, 15}))
    assert (values == np.array([12, 12, 12, 13, 14, 14]) * STEP).all()


@settings(max_examples=80, deadline=None)
@given(
    onset=st.integers(0, 20),
    length=st.integers(1, 30),
    n=st.integers(1, 24),
    missing=st.sets(st.integers(0, LAST), max_size=20),
)
def test_sampling_is_exact_on_a_ramp(ramp: Path, onset: int, length: int, n: int, missing: set[int]) -> None:
    offset = onset + length - 1
    present = [k for k in range(onset, offset + 1) if k not in missing] or [onset]
    clip = _clip(ramp, onset, onset, offset, missing - {onset} if present == [onset] else missing)
    values = _values(ClipFrames(n=n, size=1), clip)
    even = np.linspace(onset, offset, n)
    due = np.interp(np.rint(even) if length >= n else even, present, np.array(present) * STEP)
    assert np.abs(values - due).max() <= 0.5 + 1e-3


def test_a_clip_looks_the_same_whatever_else_is_computed(ramp: Path) -> None:
    wanted = ClipFrames(n=7, size=2)
    alone = wanted.compute(_clip(ramp, 10, 12, 14))
    wanted.compute(_clip(ramp, 30, 31, 44, missing={33}))
    assert (wanted.compute(_clip(ramp, 10, 12, 14)) == alone).all()


@pytest.mark.parametrize("make", [lambda: ApexFrame(0), lambda: ClipFrames(n=0), lambda: ClipFrames(size=-1)])
def test_a_size_below_one_is_refused(make: Any) -> None:
    with pytest.raises(MebenchError, match="must be at least 1"):
        make()


def test_the_identity_of_an_input_names_its_kind_version_and_fields() -> None:
    assert ClipFrames(n=4, size=8).describe() == {
        "input": "mebench.features.inputs:ClipFrames",
        "version": 1,
        "n": 4,
        "size": 8,
    }
    assert ApexFrame(8).describe() != OnsetFrame(8).describe()
