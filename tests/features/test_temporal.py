"""TIM: the weights of the published construction, exact at the frames, near a line on a line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from moving_clips import clip_of
from scipy.linalg import eigh, svd

from mebench.features.inputs import ClipFrames
from mebench.features.temporal import TimFrames, tim_weights


def _published(frames: np.ndarray, samples: int) -> np.ndarray:
    """Return TIM by its construction: SVD, graph embedding of a path, and the map back. Frames are columns."""
    count = frames.shape[1]
    mean = frames.mean(axis=1, keepdims=True)
    basis, scale, right = svd(frames - mean, full_matrices=False)
    basis, inner = basis[:, :-1], scale[:-1, None] * right[:-1]
    path = np.diag(np.ones(count - 1), 1)
    adjacency = path + path.T
    laplacian = np.diag(adjacency.sum(axis=1)) - adjacency
    _, vectors = eigh(inner @ laplacian @ inner.T, inner @ inner.T)
    vertices = vectors.T @ inner
    order = np.arange(1, count)[:, None]
    phase = np.pi * (count - order) / (2 * count)
    curve = np.sin(np.pi * order * np.linspace(1 / count, 1, samples) + phase)
    # Each row of the embedding is an eigenvector up to its length and sign; the curve fixes both.
    scaling = np.diag(vertices[:, 0] / np.sin(np.pi * order[:, 0] / count + phase[:, 0]))
    return basis @ np.linalg.inv(vectors.T) @ scaling @ curve + mean


@pytest.mark.parametrize(("count", "samples"), [(2, 5), (5, 9), (9, 10), (20, 7)])
def test_the_weights_are_those_of_the_published_construction(count: int, samples: int) -> None:
    frames = np.random.default_rng(count).normal(size=(60, count))
    due = _published(frames, samples)
    assert np.abs(tim_weights(count, samples) @ frames.T - due.T).max() < 1e-8


@pytest.mark.parametrize("count", [1, 2, 3, 10, 57])
def test_sampling_at_the_frames_gives_the_frames(count: int) -> None:
    assert np.abs(tim_weights(count, count) - np.eye(count)).max() < 1e-10


@pytest.mark.parametrize(("count", "samples"), [(1, 4), (4, 1), (9, 30), (100, 10)])
def test_the_weights_of_a_sample_sum_to_one(count: int, samples: int) -> None:
    weights = tim_weights(count, samples)
    assert weights.shape == (samples, count)
    assert np.abs(weights.sum(axis=1) - 1).max() < 1e-10


def test_a_straight_line_stays_nearly_straight() -> None:
    line = np.linspace(0, 1, 12)
    sampled = tim_weights(12, 45) @ line
    assert np.abs(sampled - np.linspace(0, 1, 45)).max() < 0.02
    assert sampled[0] == pytest.approx(0)
    assert sampled[-1] == pytest.approx(1)


def test_a_clip_of_n_frames_comes_back_as_it_is(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (6, 8, 8, 3), dtype=np.uint8)
    found = TimFrames(n=6, size=8).compute(clip_of(tmp_path, list(frames), apex=3, first=20))
    assert found.dtype == np.uint8
    assert (found == frames).all()


def test_a_brightening_clip_is_interpolated_as_linearly_as_can_be(tmp_path: Path) -> None:
    clip = clip_of(tmp_path, [np.full((8, 8), 20 * t) for t in range(10)])
    curved, straight = (kind(n=31, size=8).compute(clip).astype(int) for kind in (TimFrames, ClipFrames))
    assert curved.shape == (31, 8, 8, 3)
    assert np.abs(curved - straight).max() <= 0.02 * 180
    assert (np.diff(curved[:, 0, 0, 0]) >= 0).all()


def test_a_clip_of_one_frame_repeats_it(tmp_path: Path) -> None:
    assert (TimFrames(n=4, size=8).compute(clip_of(tmp_path, [np.full((8, 8), 77)])) == 77).all()


def test_values_beyond_black_and_white_are_cut(tmp_path: Path) -> None:
    clip = clip_of(tmp_path, [np.full((8, 8), level) for level in (0, 255, 255, 0, 255, 0)])
    found = TimFrames(n=40, size=8).compute(clip)
    assert found.min() == 0
    assert found.max() == 255
    due = np.clip(tim_weights(6, 40) @ [0, 255, 255, 0, 255, 0], 0, 255)
    assert np.abs(found[:, 0, 0, 0] - due).max() < 0.51


def test_a_damaged_frame_is_bridged(tmp_path: Path) -> None:
    clip = clip_of(tmp_path, [np.full((8, 8), 20 * t) for t in range(9)])
    clip.frames.paths[4].write_bytes(b"")
    assert (TimFrames(n=9, size=8).compute(clip)[4] == 80).all()
    assert clip.damaged == {clip.frames.paths[4]}
