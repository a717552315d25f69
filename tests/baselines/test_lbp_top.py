"""LBP-TOP: codes worked out by hand, histograms of shares, and that motion is seen where it is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from moving_clips import clip_of, texture

from mebench.errors import MebenchError
from mebench_baselines.lbp_top import LbpTop, block_histograms, lbp_codes, uniform_codes
from mebench_baselines.lbp_top_svm import LbpTopSettings, LbpTopSvm

# Bits of 4 points: XY and XT from +x over -y or +t to -x; YT from +t over -y to -t.
LEFT_AND_RIGHT = (2, 0)


def cross(**neighbours: int) -> np.ndarray:
    """Return a volume of 3 x 3 x 3 whose centre is 5 and whose six neighbours are given; the rest is 99."""
    volume = np.full((3, 3, 3), 99)
    volume[1, 1, 1] = 5
    places = {
        "right": (1, 1, 2),
        "left": (1, 1, 0),
        "up": (1, 0, 1),
        "down": (1, 2, 1),
        "later": (2, 1, 1),
        "earlier": (0, 1, 1),
    }
    for name, place in places.items():
        volume[place] = neighbours[name]
    return volume


def test_the_codes_of_a_small_volume_are_those_worked_out_by_hand() -> None:
    volume = cross(right=7, up=3, left=5, down=9, later=2, earlier=6)
    codes = lbp_codes(volume, (1, 1, 1), 4)
    assert codes.shape == (3, 1, 1, 1)
    # XY: right, left (a tie counts), down. XT: right, left, earlier. YT: earlier, down.
    assert codes.ravel().tolist() == [1 + 4 + 8, 1 + 4 + 8, 4 + 8]


@pytest.mark.parametrize("value", [0.1, 0.3, 77.7, 255 / 3])
def test_even_skin_is_all_ties_whatever_rounding_does(value: float) -> None:
    assert (lbp_codes(np.full((7, 9, 9), value), (2, 3, 2), 8) == 255).all()


def test_eight_neighbours_lie_on_a_circle_between_the_pixels() -> None:
    x = np.arange(9) * 0.1
    ramp = np.broadcast_to(x, (5, 9, 9))
    # It rises to the right: right, its two diagonals, and up and down, which are ties whatever rounding does.
    codes = lbp_codes(ramp, (2, 2, 2), 8)
    assert codes.shape == (3, 1, 5, 5)
    assert (codes[0] == 1 + 2 + 4 + 64 + 128).all()
    assert (codes[2] == 255).all()  # nothing changes in Y and T


def test_codes_look_as_far_as_their_radii() -> None:
    volume = np.zeros((9, 7, 5))
    volume[4, 3, 2] = 1
    for radii, place in (((2, 3, 4), (4, 3, 0)), ((2, 3, 4), (4, 0, 2)), ((2, 3, 4), (0, 3, 2))):
        seen = volume.copy()
        seen[place] = 1
        (xy, xt, yt), nothing = (lbp_codes(v, radii, 4).ravel().tolist() for v in (seen, volume))
        assert nothing == [0, 0, 0]
        assert [xy, xt, yt].count(0) == 1  # each axis lies in two of the planes


def test_a_mirrored_clip_has_mirrored_codes() -> None:
    volume = np.random.default_rng(0).integers(0, 9, (6, 8, 8))
    codes, mirrored = (lbp_codes(v, (1, 1, 2), 4) for v in (volume, volume[..., ::-1]))
    right, left = LEFT_AND_RIGHT[1], LEFT_AND_RIGHT[0]
    swapped = codes & 0b1010 | (codes >> left & 1) << right | (codes >> right & 1) << left
    assert (mirrored[:2] == swapped[:2, ..., ::-1]).all()
    assert (mirrored[2] == codes[2, ..., ::-1]).all()
    assert (mirrored[0] != codes[0, ..., ::-1]).any()


@pytest.mark.parametrize(("points", "bins"), [(4, 15), (8, 59)])
def test_uniform_codes_keep_bins_of_their_own(points: int, bins: int) -> None:
    table = uniform_codes(points)
    assert table.shape == (2**points,)
    assert (np.bincount(table)[:-1] == 1).all()
    assert table.max() + 1 == bins
    assert table[0] == 0
    assert table[0b0101] == bins - 1


def test_histograms_are_shares_of_each_plane_and_block() -> None:
    codes = np.array([[[[0, 1, 2, 2]]], [[[3, 3, 0, 1]]]])  # 2 planes, one frame of 1 x 4
    shares = block_histograms(np.repeat(codes, 2, axis=2), 2, 4)
    assert shares.shape == (2, 2, 2, 4)
    assert shares[0, 0].tolist() == [[0.5, 0.5, 0, 0], [0, 0, 0, 1]]
    assert shares[1, 1].tolist() == [[0, 0, 1, 0], [0.5, 0.5, 0, 0]]


def test_the_published_recipe_is_the_default() -> None:
    (wanted,) = LbpTopSvm().inputs().values()
    assert wanted == LbpTop(160, frames=10, blocks=5, points=4, radii=(1, 1, 4), uniform=False)
    assert wanted.shape == (5 * 5 * 3 * 16,)
    assert LbpTopSvm(LbpTopSettings(**LbpTopSvm.presets["p8"])).inputs()["lbp"].shape == (5 * 5 * 3 * 59,)
    svm = LbpTopSvm().estimator(0)
    assert (svm.kernel, svm.class_weight) == ("linear", None)


def test_only_the_block_that_moves_looks_different_in_time(tmp_path: Path) -> None:
    still = np.repeat(texture(44, seed=1)[None], 12, axis=0)
    moving = still.copy()
    # In block (1, 2) of 4 x 4, with its neighbours' pixels left alone.
    for number in range(12):
        moving[number, 14:21, 24:31] = np.roll(still[0, 14:21, 24:31], number % 7, axis=1)
    wanted = LbpTop(size=44, blocks=4, frames=12, radii=(1, 1, 1))
    clips = [clip_of(tmp_path / name, frames) for name, frames in (("still", still), ("moving", moving))]
    histograms = [wanted.compute(clip).reshape(4, 4, 3, 16) for clip in clips]
    assert (wanted.compute(clips[1]).reshape(4, 4, 3, 16) == histograms[1]).all()
    assert histograms[0].dtype == np.float32
    assert np.abs(histograms[0].sum(axis=-1) - 1).max() < 1e-6
    different = np.abs(histograms[1] - histograms[0])[:, :, 1:].sum(axis=(2, 3))
    assert different[1, 2] > 0.3
    different[1, 2] = 0
    assert different.max() < 0.05


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"frames": 8}, "at least 9 frames"),
        ({"size": 6}, "of 7 pixels"),
        ({"points": 1}, "2 to 16 points"),
        ({"radii": (1, 0, 1)}, "at least 1"),
        ({"blocks": 0}, "at least 1"),
    ],
)
def test_what_leaves_no_code_is_refused(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(MebenchError, match=message):
        LbpTop(**fields)
