from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mebench.models.features import FeatureView


@pytest.fixture
def parts(tmp_path: Path) -> tuple[FeatureView, np.ndarray]:
    """A view of two arrays' clips in mixed order, and the same clips as one array."""
    rng = np.random.default_rng(0)
    arrays = [rng.integers(0, 256, (n, 4, 4, 3), dtype=np.uint8) for n in (5, 7)]
    paths = tuple(tmp_path / f"{i}.npy" for i in range(2))
    for path, array in zip(paths, arrays, strict=True):
        np.save(path, array)
    order = rng.permutation(12)
    view = FeatureView(paths, (order >= 5).astype(np.int64), np.where(order >= 5, order - 5, order))
    return view, np.concatenate(arrays)[order]


INDICES = {
    "first": 0,
    "last": -1,
    "numpy integer": np.int64(3),
    "slice": slice(2, 9, 3),
    "all": slice(None),
    "backwards": slice(None, None, -1),
    "empty slice": slice(4, 4),
    "list": [3, 0, 11, 3],
    "negative list": [-1, -12],
    "array": np.array([7, 2, 2]),
    "empty list": np.array([], dtype=np.int64),
    "mask": np.arange(12) % 3 == 0,
}


@pytest.mark.parametrize("index", INDICES.values(), ids=INDICES)
def test_a_view_is_indexed_like_the_arrays_joined(index: Any, parts: tuple[FeatureView, np.ndarray]) -> None:
    view, joined = parts
    found = view[index]
    np.testing.assert_array_equal(found, joined[index])
    assert found.dtype == joined.dtype


def test_a_view_has_length_shape_and_numpys_conversion(parts: tuple[FeatureView, np.ndarray]) -> None:
    view, joined = parts
    assert len(view) == 12
    assert view.shape == joined.shape
    np.testing.assert_array_equal(np.asarray(view), joined)
    assert np.asarray(view, dtype=np.float32).dtype == np.float32
    np.testing.assert_array_equal(np.stack(list(view)), joined)  # type: ignore[call-overload]


@pytest.mark.parametrize("index", [12, -13])
def test_a_clip_beyond_the_end_is_an_index_error(index: int, parts: tuple[FeatureView, np.ndarray]) -> None:
    with pytest.raises(IndexError):
        parts[0][index]


def test_taking_clips_gives_a_view_of_them(parts: tuple[FeatureView, np.ndarray]) -> None:
    view, joined = parts
    chosen = np.array([10, 1, 4])
    taken = view.take(chosen)
    np.testing.assert_array_equal(taken[:], joined[chosen])
    np.testing.assert_array_equal(taken.take(np.array([2]))[0], joined[4])


def test_a_stack_is_a_copy_that_cannot_reach_the_cache(parts: tuple[FeatureView, np.ndarray]) -> None:
    view, joined = parts
    stack = view[[0, 1]]
    stack[:] = 0
    np.testing.assert_array_equal(view[[0, 1]], joined[[0, 1]])
    with pytest.raises(ValueError, match="read-only"):
        view[0][0] = 0


def test_a_view_travels_as_paths_only(parts: tuple[FeatureView, np.ndarray]) -> None:
    view, joined = parts
    before = len(pickle.dumps(view))
    view[:]  # opens the arrays
    sent = pickle.dumps(view)
    assert len(sent) == before
    for clip in joined:
        assert clip.tobytes() not in sent
    np.testing.assert_array_equal(pickle.loads(sent)[:], joined)


def test_a_view_of_an_array_in_memory_is_indexed_alike_and_travels_with_its_numbers(
    parts: tuple[FeatureView, np.ndarray],
) -> None:
    joined = parts[1]
    view = FeatureView.of_array(joined)
    for index in INDICES.values():
        np.testing.assert_array_equal(view[index], joined[index])
    assert (len(view), view.shape, view.dtype) == (12, joined.shape, joined.dtype)
    taken = view.take(np.array([10, 1, 4])).take(np.array([2, 0]))
    np.testing.assert_array_equal(taken[:], joined[[4, 10]])
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(taken))[:], joined[[4, 10]])
    with pytest.raises(ValueError, match="read-only"):
        view[0][0] = 0
    stack = view[:]
    stack[:] = 0
    assert joined.any(), "a stack is a copy"
