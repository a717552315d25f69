from __future__ import annotations

from functools import partial

import numpy as np
import pytest

from mebench.scoring import metrics
from mebench.scoring.gradients import with_gradient

OF_CLASSES = (metrics.uf1, metrics.uar, metrics.accuracy)
OF_UNITS = (metrics.mean_au_f1, metrics.mean_au_f1_macro)


def some_counts(*shape: int) -> np.ndarray:
    return np.random.default_rng(4).integers(1, 9, shape).astype(np.float64)


@pytest.mark.parametrize("metric", [*OF_CLASSES, *OF_UNITS])
def test_slopes_are_those_that_adding_to_each_cell_finds(metric) -> None:
    counts = some_counts(*((3, 2, 4, 4) if metric in OF_CLASSES else (3, 2, 5, 2, 2)))
    values, slopes = with_gradient(metric, counts)
    moved_values, moved = with_gradient(partial(metric), counts)
    assert (values == metric(counts).mean(axis=1)).all()
    assert (values == moved_values).all()
    np.testing.assert_allclose(slopes, moved, atol=2e-5)


@pytest.mark.parametrize("metric", OF_CLASSES)
def test_a_class_that_does_not_occur_moves_nothing(metric) -> None:
    counts = some_counts(1, 1, 3, 3)
    counts[..., 1, :] = counts[..., :, 1] = 0
    smaller = np.delete(np.delete(counts, 1, axis=-1), 1, axis=-2)
    kept = np.delete(np.delete(with_gradient(metric, counts)[1], 1, axis=-1), 1, axis=-2)
    np.testing.assert_allclose(kept, with_gradient(metric, smaller)[1])


def test_a_unit_that_does_not_occur_moves_nothing() -> None:
    counts = some_counts(1, 1, 3, 2, 2)
    counts[:, :, 1, 1] = 0
    for metric in OF_UNITS:
        slopes = with_gradient(metric, counts)[1]
        assert not slopes[:, :, 1].any()
        np.testing.assert_allclose(slopes[:, :, [0, 2]], with_gradient(metric, counts[:, :, [0, 2]])[1])


def test_nobody_at_all_has_no_slopes() -> None:
    for metric, shape in (
        (metrics.uf1, (1, 1, 3, 3)),
        (metrics.accuracy, (1, 1, 3, 3)),
        (metrics.mean_au_f1, (1, 1, 4, 2, 2)),
    ):
        values, slopes = with_gradient(metric, np.zeros(shape))
        assert np.isnan(values).all()
        assert not slopes.any()
