from __future__ import annotations

import math

import numpy as np
import pytest

from mebench.scoring import metrics
from mebench.scoring.seed_level import over_seeds


def trainings(skills: list[float], subjects: int = 20) -> np.ndarray:
    """Confusions (S, seeds, 2, 2) of trainings that are right so often, of the same ten clips a subject."""
    random = np.random.default_rng(2)
    right = [random.binomial(5, skill, (subjects, 2)) for skill in skills]
    return np.stack(
        [
            np.stack([np.stack([r[:, 0], 5 - r[:, 0]], -1), np.stack([5 - r[:, 1], r[:, 1]], -1)], 1)
            for r in right
        ],
        1,
    )


def test_better_is_the_share_of_pairs_of_trainings_and_a_tie_counts_half() -> None:
    a, b = trainings([0.5, 0.7]), trainings([0.6, 0.8, 0.9])
    found = over_seeds(a, b, ["smic"] * 20, metrics.accuracy)
    assert found.better == pytest.approx(5 / 6)
    assert over_seeds(b, a, ["smic"] * 20, metrics.accuracy).better == pytest.approx(1 / 6)
    assert over_seeds(a, a, ["smic"] * 20, metrics.accuracy).better == 0.5


def test_seeds_that_differ_widen_the_bounds_and_seeds_that_are_alike_do_not() -> None:
    strata = ["smic"] * 20
    narrow, wide = trainings([0.7, 0.7, 0.7]), trainings([0.5, 0.7, 0.9])
    of_alike, of_unlike = (over_seeds(trainings([0.6] * 3), b, strata, metrics.uf1) for b in (narrow, wide))
    assert of_unlike.high - of_unlike.low > 1.5 * (of_alike.high - of_alike.low)
    repeated = np.repeat(narrow[:, :1], 3, axis=1)
    same = over_seeds(repeated, narrow[:, :1].repeat(2, axis=1), strata, metrics.uf1)
    assert np.isnan([same.low, same.high]).all(), "no seed and no model differs"


def test_one_seed_says_nothing_of_seeds() -> None:
    found = over_seeds(trainings([0.5]), trainings([0.6, 0.7]), ["smic"] * 20, metrics.uf1)
    assert all(math.isnan(value) for value in found)


def test_the_same_figures_come_of_the_same_runs() -> None:
    a, b = trainings([0.5, 0.7]), trainings([0.6, 0.8])
    first, again = (over_seeds(a, b, ["smic"] * 20, metrics.uar) for _ in range(2))
    assert first == again
    turned = over_seeds(b, a, ["smic"] * 20, metrics.uar)
    assert turned.low < -first.low < -first.high + 1


def test_bounds_of_subjects_that_are_all_alike_are_those_of_seeds_alone() -> None:
    """Accuracies .5 and .9: two draws of them average .5, .7 or .9, and are spread by the root of 2 about .7."""

    def alike(*right: int) -> np.ndarray:
        return np.stack([np.array([[[each, 10 - each], [0, 0]]] * 20) for each in right], 1).reshape(
            20, -1, 2, 2
        )

    found = over_seeds(alike(6, 6), alike(5, 9), ["smic"] * 20, metrics.accuracy)
    assert (found.low, found.high) == pytest.approx((0.1 - 0.2 * 2**0.5, 0.1 + 0.2 * 2**0.5))
