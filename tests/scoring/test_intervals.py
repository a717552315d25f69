from __future__ import annotations

import numpy as np
import pytest

from mebench.errors import MebenchError
from mebench.scoring import metrics
from mebench.scoring.draws import subject_weights
from mebench.scoring.intervals import bootstrap

GOLDEN = [
    *("0x1.255d93fe2fc97p-2", "0x1.804d65617e189p-2", "0x1.222b2cb04bf09p-2"),
    *("0x1.74cf6c85a5cf0p-2", "0x1.233a6143554b7p-2", "0x1.79de554081082p-2"),
]
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


def test_bounds_are_those_of_a_bootstrap_t_made_with_plain_loops() -> None:
    counts = simulated(np.random.default_rng(3), subjects=9, seeds=3)
    strata = ["samm"] * 4 + ["smic"] * 5
    weights, places = subject_weights(strata, 99), ([0, 1, 2, 3], [4, 5, 6, 7, 8])
    bounds = bootstrap(counts, strata, ALL, replicates=99)

    def scale(share: float) -> float:
        return share**0.5 - (1 - share) ** 0.5

    def slope(share: float) -> float:
        return (share**-0.5 + (1 - share) ** -0.5) / 2

    for name, metric in ALL.items():

        def value(times: np.ndarray, metric=metric) -> float:
            return float(metric((times[:, None, None, None] * counts).sum(axis=0)).mean())

        def error(times: np.ndarray, value=value) -> float:
            """Infinitesimal: each subject weighs a little more."""
            total = 0.0
            for rows in places:
                influence = np.array(
                    [(value(times + 1e-5 * (np.arange(9) == row)) - value(times)) / 1e-5 for row in rows]
                )
                inner, size = times[rows], len(rows)
                total += (
                    ((inner * influence**2).sum() - (inner * influence).sum() ** 2 / size) * size / (size - 1)
                )
            return float(total**0.5)

        once, jackknife = np.ones(9), 0.0
        for rows in places:
            size = len(rows)
            inside = np.isin(np.arange(9), rows)
            apart = [
                value(np.where(inside, (once - (np.arange(9) == row)) * size / (size - 1), 1)) for row in rows
            ]
            jackknife += np.var(apart) * (size - 1)
        found, step = value(once), slope(value(once)) * jackknife**0.5
        away = sorted(
            (scale(value(times)) - scale(found)) / max(slope(value(times)) * error(times), step / 5)
            for times in weights.astype(float)
        )
        # The second smallest and largest of 99 are 2.5 % from the end.
        ends = [scale(bounds[name].low), scale(bounds[name].high)]
        assert ends == pytest.approx(
            [scale(found) - away[-2] * step, scale(found) - away[1] * step], abs=1e-5
        )


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


@pytest.mark.parametrize("strata", [["samm"], ["samm", "smic"], ["samm", "samm"], ["samm", "smic", "smic"]])
def test_one_subject_more_than_datasets_has_no_bounds(strata: list[str]) -> None:
    bounds = bootstrap(simulated(np.random.default_rng(7), len(strata)), strata, ALL)
    assert np.isnan([*bounds["uf1"], *bounds["uar"], *bounds["accuracy"]]).all()


def test_three_subjects_have_wide_bounds_that_do_not_end_at_the_score() -> None:
    counts = np.array([[[[3, 1], [0, 2]]], [[[2, 0], [1, 1]]], [[[1, 1], [1, 3]]]])
    for name, (low, high) in bootstrap(counts, ["smic"] * 3, ALL).items():
        found = float(ALL[name](counts.sum(axis=(0, 1))))
        assert 0 <= low < found - 0.15
        assert found + 0.15 < high <= 1


def test_bounds_lie_between_0_and_1_and_around_the_score_of_any_few_subjects() -> None:
    random = np.random.default_rng(12)
    for subjects in (3, 4, 6, 10):
        for _ in range(10):
            counts = simulated(random, subjects, seeds=2)
            for name, (low, high) in bootstrap(counts, ["smic"] * subjects, ALL, replicates=199).items():
                found = float(ALL[name](counts.sum(axis=0)).mean())
                assert 0 <= low < found < high <= 1


def test_a_subject_alone_in_its_dataset_makes_bounds_no_wider() -> None:
    """Nothing can be told of how its dataset's subjects differ."""
    counts = simulated(np.random.default_rng(13), 9)
    lone = counts.copy()
    lone[8] = counts[8] * 0
    alone = bootstrap(lone, ["samm"] * 8 + ["smic"], ALL)
    for name, bounds in bootstrap(counts[:8], ["samm"] * 8, ALL).items():
        assert alone[name] == pytest.approx(bounds)


def test_a_score_that_no_subject_moves_has_no_bounds() -> None:
    right = np.array([[[[3, 0], [0, 2]]]] * 12)
    always_first = np.array([[[[3, 0], [count, 0]]] for count in range(1, 13)])
    assert np.isnan(list(bootstrap(right, ["samm"] * 12, ALL).values())).all()
    bounds = bootstrap(always_first, ["samm"] * 12, ALL)
    assert np.isnan(bounds["uar"]).all(), "its UAR is 1/2 whoever is drawn"
    assert bounds["accuracy"].low < 36 / 114 < bounds["accuracy"].high


def test_one_subject_that_errs_does_not_take_the_bound_to_the_end_of_the_scale() -> None:
    counts = np.array([[[[3, 0], [0, 3]]]] * 25 + [[[[3, 0], [2, 1]]]])
    low, high = bootstrap(counts, ["casme2"] * 26, ALL)["uar"]
    assert 0.6 < low < 0.98
    assert 1 - 2 / 156 < high <= 1


def test_too_few_replicates_for_the_level_give_no_bounds() -> None:
    counts = simulated(np.random.default_rng(8), 6)
    assert np.isnan(bootstrap(counts, ["samm"] * 6, ALL, replicates=38)["uf1"]).all()
    assert not np.isnan(bootstrap(counts, ["samm"] * 6, ALL, replicates=39)["uf1"]).any()
    assert not np.isnan(bootstrap(counts, ["samm"] * 6, ALL, replicates=19, level=0.9)["uf1"]).any()


def test_bounds_are_the_same_bytes_everywhere() -> None:
    counts = np.arange(7 * 2 * 3 * 3).reshape(7, 2, 3, 3) * 37 % 11
    found = bootstrap(counts, ["samm"] * 3 + ["smic"] * 4, ALL)
    assert [value.hex() for bounds in found.values() for value in bounds] == GOLDEN


def test_an_action_unit_of_one_subject_alone_leaves_bounds_unknown() -> None:
    present, absent = [[[[1, 1], [0, 2]]]], [[[[3, 0], [0, 0]]]]
    metric = {"f1": metrics.mean_au_f1}
    assert np.isnan(bootstrap(np.array([present, absent, absent]), ["samm"] * 3, metric)["f1"]).all()
    assert np.isnan(bootstrap(np.array([absent, absent, absent]), ["samm"] * 3, metric)["f1"]).all()
    other = [[[[1, 2], [1, 2]]]]
    low, high = bootstrap(np.array([present, other, absent, present]), ["samm"] * 4, metric)["f1"]
    assert low < 12 / 17 < high


def test_no_replicates_and_unequal_lengths_are_refused() -> None:
    counts = simulated(np.random.default_rng(9), 3)
    with pytest.raises(MebenchError, match="1 replicate or more"):
        bootstrap(counts, ["samm"] * 3, ALL, replicates=0)
    with pytest.raises(MebenchError, match="3 subjects have 2 datasets"):
        bootstrap(counts, ["samm"] * 2, ALL)
