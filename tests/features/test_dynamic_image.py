"""Dynamic images: rank pooling by its definition, and a picture of what changed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from moving_clips import clip_of

from mebench.errors import MebenchError
from mebench.features.dynamic_image import DynamicImage, rank_pooling_weights


def _by_definition(frames: np.ndarray) -> np.ndarray:
    """Return the sum over t of (2t - T - 1) V_t, where V_t is the mean of the first t frames."""
    count = len(frames)
    means = [frames[:t].mean(axis=0) for t in range(1, count + 1)]
    return np.sum([(2 * t - count - 1) * means[t - 1] for t in range(1, count + 1)], axis=0)


@pytest.mark.parametrize("count", [1, 2, 3, 10, 40])
def test_the_weights_are_those_of_ranked_running_means(count: int) -> None:
    frames = np.random.default_rng(count).normal(size=(count, 30))
    assert np.allclose(rank_pooling_weights(count) @ frames, _by_definition(frames))
    assert rank_pooling_weights(count).sum() == pytest.approx(0, abs=1e-9)


def test_the_picture_is_the_definition_spread_over_all_grey_values(tmp_path: Path) -> None:
    frames = np.random.default_rng(0).integers(0, 256, (7, 6, 6, 3), dtype=np.uint8)
    found = DynamicImage(size=6).compute(clip_of(tmp_path, list(frames), apex=2, first=30))
    due = _by_definition(frames.astype(float))
    due = 255 * (due - due.min()) / (due.max() - due.min())
    assert found.dtype == np.uint8
    assert np.abs(found - due).max() < 0.51


def test_what_rises_is_bright_and_what_falls_is_dark(tmp_path: Path) -> None:
    frames = np.full((6, 9, 9), 100)
    frames[:, :3] += 10 * np.arange(6)[:, None, None]
    frames[:, 6:] -= 10 * np.arange(6)[:, None, None]
    found = DynamicImage(size=9).compute(clip_of(tmp_path, list(frames)))
    assert (found[:3] == 255).all()
    assert (found[6:] == 0).all()
    assert np.abs(found[3:6].astype(int) - 127.5).max() < 1


def test_a_clip_played_backwards_gives_another_picture(tmp_path: Path) -> None:
    frames = list(np.random.default_rng(1).integers(0, 256, (5, 8, 8, 3), dtype=np.uint8))
    there, back = (clip_of(tmp_path / name, f) for name, f in (("a", frames), ("b", frames[::-1])))
    assert (DynamicImage(size=8).compute(there) != DynamicImage(size=8).compute(back)).any()


@pytest.mark.parametrize("count", [1, 6])
def test_a_clip_in_which_nothing_changes_is_grey(tmp_path: Path, count: int) -> None:
    still = np.random.default_rng(0).integers(0, 256, (8, 8, 3), dtype=np.uint8)
    assert (DynamicImage(size=8).compute(clip_of(tmp_path, [still] * count)) == 128).all()


def test_a_size_below_one_is_refused() -> None:
    with pytest.raises(MebenchError, match="at least 1"):
        DynamicImage(size=0)
