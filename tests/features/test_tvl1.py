"""TV-L1: the very bytes that scikit-image's function gives."""

from __future__ import annotations

import numpy as np
import pytest

from mebench.features.tvl1 import optical_flow_tvl1

registration = pytest.importorskip("skimage.registration")


def _texture(shape: tuple[int, int], seed: int, coarse: int) -> np.ndarray:
    """Return a smooth random picture, float32, 0 to 1."""
    grid = np.random.default_rng(seed).random((-(-shape[0] // coarse) + 1, -(-shape[1] // coarse) + 1))
    rows, columns = (np.linspace(0, side - 1, n) for side, n in zip(grid.shape, shape, strict=True))
    by_row = np.stack([np.interp(rows, np.arange(grid.shape[0]), column) for column in grid.T], axis=1)
    return np.stack([np.interp(columns, np.arange(grid.shape[1]), row) for row in by_row]).astype(np.float32)


@pytest.mark.parametrize("shape", [(32, 32), (33, 47), (64, 64), (100, 71), (224, 224)], ids=str)
@pytest.mark.parametrize("coarse", [1, 3, 12])
def test_it_gives_the_bytes_of_scikit_image(shape: tuple[int, int], coarse: int) -> None:
    first = _texture(shape, 0, coarse)
    noise = np.random.default_rng(1).normal(0, 0.01, shape).astype(np.float32)
    second = np.roll(first, (1, 2), (0, 1)) + noise
    kept = first.copy(), second.copy()
    found = optical_flow_tvl1(first, second)
    assert np.abs(found).max() > 0.5
    due = registration.optical_flow_tvl1(first, second)
    assert (found.dtype, found.shape) == (due.dtype, due.shape)
    assert found.tobytes() == due.tobytes()
    assert (first == kept[0]).all()
    assert (second == kept[1]).all()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (np.zeros((40, 40)), np.zeros((40, 40))),
        (np.zeros((40, 40)), _texture((40, 40), 0, 4)),
        (_texture((40, 40), 0, 4), _texture((40, 40), 0, 4)),
        (_texture((90, 64), 0, 4), _texture((90, 64), 1, 4)),
        (_texture((64, 90), 2, 4) > 0.5, _texture((64, 90), 2, 4) > 0.4),
    ],
    ids=["black", "black before", "the same", "another", "two greys"],
)
def test_pictures_without_motion_or_likeness_give_its_bytes_too(
    first: np.ndarray, second: np.ndarray
) -> None:
    first, second = first.astype(np.float32), second.astype(np.float32)
    due = registration.optical_flow_tvl1(first, second)
    assert optical_flow_tvl1(first, second).tobytes() == due.tobytes()
