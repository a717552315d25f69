from __future__ import annotations

import numpy as np
import pytest

from mebench.errors import MebenchError
from mebench.scoring import metrics
from mebench.scoring.intervals import bootstrap, subject_weights

ALL = {"uf1": metrics.uf1, "uar": metrics.uar, "accuracy": metrics.accuracy}


def simulated(random: np.random.Generator, subjects: int, seeds: int = 1) -> np.ndarray:
    """Per-subject matrices ``(S, seeds, 3, 3)`` of subjects that differ in skill and classes."""
    counts = np.empty((subjects, seeds, 3, 3), np.int64)
    for subject in range(subjects):
        shown = random.poisson(random.gamma(2.0, [2.0, 1.2, 1.0]))
        skill = random.beta(6, 4)
        for seed in range(seeds):
            for true, clips in enumerate(shown):
                chances = np.full(3, (1 - skill) / 2)
                chances[true] = skill
                counts[subject, seed, true] = random.multinomial(clips, chances)
    return counts


def test_weights_keep_the_number_of_subjects_of_each_dataset_in_every_replicate() -> None:
    strata = ["samm"] * 4 + ["casme2"] * 7 + ["smic"]
    weights = subject_weights(strata, 300)
    assert weights.shape == (300, 12)
    assert (weights[:, :4].sum(axis=1) == 4).all()
    assert (weights[:, 4:11].sum(axis=1) == 7).all()
    assert (weights[:, 11] == 1).all()


def test_every_subject_is_drawn_about_once_a_replicate_with_binomial_spread() -> None:
    weights = subject_weights(["samm"] * 10, 20_000)
    np.testing.assert_allclose(weights.mean(axis=0), 1.0, atol=0.05)
    np.testing.assert_allclose(weights.var(axis=0), 0.9, atol=0.05)


def test_bounds_are_percentiles_of_replicates_counted_subject_by_subject() -> None:
    counts = simulated(np.random.default_rng(3), subjects=9, seeds=3)
    strata = ["samm"] * 4 + ["smic"] * 5
    weights = subject_weights(strata, 50)
    bounds = bootstrap(counts, strata, ALL, replicates=50)
    for name, metric in ALL.items():
        values = [
            np.mean([metric(counts[:, seed].repeat(times, axis=0).sum(axis=0)) for seed in range(3)])
            for times in weights
        ]
        assert bounds[name] == pytest.approx(tuple(np.percentile(values, [2.5, 97.5])))


@pytest.mark.parametrize("name", list(ALL))
def test_the_interval_covers_the_true_value_about_as_often_as_it_says(name: str) -> None:
    random = np.random.default_rng(11)
    true = ALL[name](simulated(random, 8000).sum(axis=(0, 1)))
    pool = simulated(random, 200 * 40).reshape(200, 40, 1, 3, 3)
    hits = 0
    for counts in pool:
        low, high = bootstrap(counts, ["samm"] * 40, {name: ALL[name]}, replicates=400)[name]
        hits += bool(low <= true <= high)
    assert 0.89 <= hits / 200 <= 0.99


def test_the_same_input_gives_the_same_bounds_and_another_seed_gives_others() -> None:
    counts = simulated(np.random.default_rng(5), 12)
    first, again = (bootstrap(counts, ["samm"] * 12, ALL) for _ in range(2))
    assert first == again
    assert bootstrap(counts, ["samm"] * 12, ALL, seed=1) != first


def test_the_draws_never_change_between_versions() -> None:
    expected = [[1, 1, 0, 1, 2], [1, 0, 2, 2, 0], [1, 0, 2, 2, 0]]
    assert subject_weights(["a", "b", "a", "b", "a"], 3).tolist() == expected


def test_seeds_that_err_alike_do_not_narrow_the_interval() -> None:
    one = simulated(np.random.default_rng(6), 15)
    four = bootstrap(np.repeat(one, 4, axis=1), ["samm"] * 15, ALL)
    for name, bounds in bootstrap(one, ["samm"] * 15, ALL).items():
        assert four[name] == pytest.approx(bounds)


def test_one_subject_in_every_dataset_has_no_bounds() -> None:
    counts = simulated(np.random.default_rng(7), 2)
    for strata in (["samm"], ["samm", "smic"]):
        bounds = bootstrap(counts[: len(strata)], strata, ALL)
        assert np.isnan([*bounds["uf1"], *bounds["accuracy"]]).all()


def test_one_replicate_gives_bounds_that_meet() -> None:
    bounds = bootstrap(simulated(np.random.default_rng(8), 6), ["samm"] * 6, ALL, replicates=1)
    assert bounds["uf1"].low == bounds["uf1"].high


def test_replicates_without_any_action_unit_are_left_out() -> None:
    # Only one of three subjects shows the unit, so many replicates hold no positive example.
    present, absent = [[[[1, 1], [0, 2]]]], [[[[3, 0], [0, 0]]]]
    metric = {"f1": metrics.mean_au_f1}
    bounds = bootstrap(np.array([present, absent, absent]), ["samm"] * 3, metric)
    assert bounds["f1"] == pytest.approx((4 / 5, 4 / 5))
    assert np.isnan(bootstrap(np.array([absent, absent]), ["samm"] * 2, metric)["f1"]).all()


def test_no_replicates_and_unequal_lengths_are_refused() -> None:
    counts = simulated(np.random.default_rng(9), 3)
    with pytest.raises(MebenchError, match="1 replicate or more"):
        bootstrap(counts, ["samm"] * 3, ALL, replicates=0)
    with pytest.raises(MebenchError, match="3 subjects have 2 datasets"):
        bootstrap(counts, ["samm"] * 2, ALL)
