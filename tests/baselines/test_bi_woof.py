"""Bi-WOOF: vectors land in the right direction with the right weight."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from moving_clips import clip_of, texture
from scipy.ndimage import map_coordinates

from mebench.errors import MebenchError
from mebench.features.strain import optical_strain
from mebench_baselines.bi_woof import BiWoof, BiWoofSvm, bi_woof

# Of eight directions from -180 degrees, those that begin at 0 (right) and 90 degrees (down).
RIGHT, DOWN = 4, 6


def test_a_flow_to_the_right_that_widens_fills_one_direction_of_each_block_alike() -> None:
    flow = np.zeros((20, 20, 2))
    flow[..., 0] = 0.1 * np.arange(1, 21)
    strain = optical_strain(flow)
    assert np.allclose(strain, 0.1)
    histograms = bi_woof(flow, strain).reshape(25, 8)
    assert np.allclose(histograms[:, RIGHT], 1 / 5)  # 25 equal numbers of length 1
    assert np.count_nonzero(histograms) == 25


def test_each_vector_counts_with_its_length_and_each_block_with_its_strain() -> None:
    flow = np.array([[[3.0, 0.0], [0.0, 1.0], [0.0, 2.0], [0.0, 7.0]]] * 2)
    strain = np.array([[2.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 0.5]])
    histograms = bi_woof(flow, strain, blocks=2).reshape(2, 2, 8)
    due = np.zeros((2, 2, 8))
    due[0, 0, [RIGHT, DOWN]] = 2 * 0.75, 2 * 0.25
    due[0, 1, DOWN] = 1
    due[1, 0, [RIGHT, DOWN]] = 0.75, 0.25
    due[1, 1, DOWN] = 0.5
    assert np.allclose(histograms, due / np.linalg.norm(due))


def test_a_turned_flow_turns_the_directions() -> None:
    flow = np.random.default_rng(0).normal(size=(10, 10, 2))
    strain = np.ones((10, 10))
    turned = np.stack([-flow[..., 1], flow[..., 0]], axis=-1)
    before, after = (bi_woof(f, strain).reshape(25, 8) for f in (flow, turned))
    assert np.allclose(np.roll(before, 2, axis=1), after)


def test_180_degrees_are_minus_180() -> None:
    flow = np.array([[[-1.0, 0.0], [-1.0, -0.0]]])
    assert bi_woof(flow, np.ones((1, 2)), blocks=1).tolist() == [1, 0, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize("moved", [0.0, 1.0])
def test_where_nothing_is_strained_all_is_zero(moved: float) -> None:
    flow = np.full((10, 10, 2), moved)
    assert (bi_woof(flow, optical_strain(flow)) == 0).all()


def test_motion_of_one_place_is_found_there_and_on_the_other_side_in_the_mirror(tmp_path: Path) -> None:
    pytest.importorskip("cv2")
    side = 100
    picture = texture(side, grain=2)
    y, x = np.mgrid[:side, :side].astype(float)
    # Block (1, 3) moves 3 pixels to the right.
    bump = 3 * np.exp(-((x - 70) ** 2 + (y - 30) ** 2) / (2 * 6**2))
    moved = map_coordinates(picture, [y, x - bump], order=1, mode="nearest")
    wanted = BiWoof(method="farneback", resolution=side)
    clips = {
        name: clip_of(tmp_path / name, [picture[:, ::way], moved[:, ::way]], apex=1)
        for name, way in (("as it is", 1), ("mirrored", -1))
    }
    found, mirrored = (wanted.compute(clip) for clip in clips.values())
    assert (found.shape, found.dtype) == (wanted.shape, np.float32) == ((200,), np.float32)
    assert (wanted.compute(clips["as it is"]) == found).all()
    assert np.linalg.norm(found) == pytest.approx(1, abs=1e-6)
    for histograms, block, directions in (
        (found, (1, 3), (RIGHT - 1, RIGHT)),
        (mirrored, (1, 1), (0, 7)),
    ):
        blocks = histograms.reshape(5, 5, 8)
        assert np.unravel_index(blocks.sum(axis=-1).argmax(), (5, 5)) == block
        assert blocks[block][list(directions)].sum() > 0.9 * blocks[block].sum()


def test_the_published_recipe_is_the_default() -> None:
    (wanted,) = BiWoofSvm().inputs().values()
    assert wanted == BiWoof(method="tvl1", resolution=224, blocks=5, bins=8)
    assert wanted.shape == (200,)
    assert (BiWoofSvm().estimator(0).kernel, BiWoofSvm().estimator(0).class_weight) == ("linear", None)


def test_the_identity_names_the_library_of_the_flow() -> None:
    pytest.importorskip("cv2")
    assert BiWoof("dis").describe()["flow"]["library"].startswith("cv2 ")


@pytest.mark.parametrize(
    ("fields", "message"),
    [({"method": "tvl2"}, "tvl1"), ({"blocks": 0}, "1 block"), ({"bins": 1}, "2 bins")],
)
def test_what_cannot_be_asked_for_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(MebenchError, match=message):
        BiWoof(**fields)
