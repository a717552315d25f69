from __future__ import annotations

import math
from itertools import product

import numpy as np
import pytest
from scipy import stats

from mebench.errors import MebenchError
from mebench.scoring import metrics
from mebench.scoring.comparison import holm, paired
from mebench.scoring.draws import subject_weights

ALL = {"uf1": metrics.uf1, "uar": metrics.uar, "accuracy": metrics.accuracy}


def two_models(
    random: np.random.Generator, subjects: int, seeds: int = 1, better: float = 0.0
) -> tuple[np.ndarray, np.ndarray]:
    """Confusions (S, seeds, 3, 3) of two models on the same clips, of subjects that are hard for both."""
    clips = 1 + random.poisson(random.gamma(1.5, 1.5, (subjects, 3)))
    hard = random.normal(0, 0.8, subjects)
    models = []
    for more in (0.0, better):
        counts = np.zeros((subjects, seeds, 3, 3), np.int64)
        for subject, seed, true in np.ndindex(subjects, seeds, 3):
            skill = 1 / (1 + math.exp(-(0.3 + more + hard[subject])))
            chances = np.full(3, (1 - skill) / 2)
            chances[true] = skill
            counts[subject, seed, true] = random.multinomial(clips[subject, true], chances)
        models.append(counts)
    return models[0], models[1]


def mean_difference(a: np.ndarray, b: np.ndarray, metric: str) -> float:
    of = ALL[metric]
    return float(
        np.mean([of(b[:, seed].sum(axis=0)) - of(a[:, seed].sum(axis=0)) for seed in range(a.shape[1])])
    )


@pytest.mark.parametrize("seeds", [1, 3])
def test_p_is_the_share_of_all_swaps_that_differ_as_much(seeds: int) -> None:
    a, b = two_models(np.random.default_rng(5), 7, seeds)
    found = paired(a, b, ["smic"] * 7, ALL, replicates=5)
    for metric in ALL:
        observed = mean_difference(a, b, metric)
        as_large = []
        for swapped in product((False, True), repeat=7):
            mask = np.array(swapped)[:, None, None, None]
            other = mean_difference(np.where(mask, b, a), np.where(mask, a, b), metric)
            as_large.append(abs(other) >= abs(observed) - 1e-9)
        assert found[metric].difference == pytest.approx(observed)
        assert found[metric].p == pytest.approx(np.mean(as_large))
        assert 2 / 2**7 <= found[metric].p < 1


def test_drawn_swaps_give_nearly_what_all_of_them_give() -> None:
    a, b = two_models(np.random.default_rng(6), 15, better=0.5)
    strata = ["smic"] * 15
    every, drawn = (paired(a, b, strata, ALL, permutations=n, replicates=5) for n in (2**15, 2000))
    for metric in ALL:
        assert (2001 * drawn[metric].p) % 1 == pytest.approx(0, abs=1e-9)
        assert every[metric].p != drawn[metric].p
        assert every[metric].p == pytest.approx(drawn[metric].p, abs=0.03)


def test_p_is_never_zero_and_counts_the_difference_found_among_the_drawn() -> None:
    a, b = two_models(np.random.default_rng(7), 60, better=3.0)
    assert paired(a, b, ["smic"] * 60, ALL, permutations=999, replicates=5)["uf1"].p == 1 / 1000


def test_the_interval_is_a_bootstrap_t_of_the_difference() -> None:
    a, b = two_models(np.random.default_rng(8), 9, seeds=2)
    found = paired(a, b, ["smic"] * 9, ALL, replicates=99)
    weights = subject_weights(["smic"] * 9, 99).astype(float)
    for metric in ALL:

        def value(times: np.ndarray, metric=metric) -> float:
            held = times[:, None, None, None]
            return mean_difference(held * a, held * b, metric)

        def error(times: np.ndarray, value=value) -> float:
            influence = np.array(
                [(value(times + 1e-5 * np.eye(9)[row]) - value(times)) / 1e-5 for row in range(9)]
            )
            return float(((times * influence**2).sum() - (times * influence).sum() ** 2 / 9) * 9 / 8) ** 0.5

        apart = [value(1 - np.eye(9)[row]) for row in range(9)]
        middle, step = value(np.ones(9)), float(np.var(apart) * 8) ** 0.5
        away = sorted((value(times) - middle) / max(error(times), step / 5) for times in weights)
        assert found[metric][1:3] == pytest.approx(
            (middle - away[-2] * step, middle - away[1] * step), abs=1e-5
        )


def test_the_other_way_round_only_the_sign_changes() -> None:
    a, b = two_models(np.random.default_rng(9), 30, seeds=2, better=0.5)
    one, other = (paired(*pair, ["smic"] * 30, ALL) for pair in ((a, b), (b, a)))
    for metric in ALL:
        assert other[metric].difference == -one[metric].difference
        assert (other[metric].low, other[metric].high) == pytest.approx((-one[metric].high, -one[metric].low))
        assert other[metric].p == one[metric].p


def test_the_same_answers_differ_by_nothing_and_p_is_one() -> None:
    a, _ = two_models(np.random.default_rng(10), 20)
    found = paired(a, a, ["smic"] * 20, ALL)["uf1"]
    assert (found.difference, found.p) == (0.0, 1.0)
    assert math.isnan(found.low), "answers that are the same say nothing of how far two models may differ"
    assert math.isnan(found.high)


def test_a_difference_that_all_subjects_share_shows_though_the_intervals_overlap() -> None:
    a, b = two_models(np.random.default_rng(1), 68, better=0.6)
    found = paired(a, b, ["smic"] * 68, ALL)["uf1"]
    assert found.p < 0.05
    assert 0 < found.low < found.difference < found.high


def test_equal_models_are_called_different_about_once_in_twenty() -> None:
    random = np.random.default_rng(12)
    pairs = [two_models(random, 20) for _ in range(300)]
    p = [paired(a, b, ["smic"] * 20, ALL, permutations=199, replicates=1)["uf1"].p for a, b in pairs]
    called = sum(each <= 0.05 for each in p)
    assert stats.binomtest(called, len(p), 0.05).pvalue > 0.01


def test_action_units_are_compared_by_their_mean_f1() -> None:
    random = np.random.default_rng(13)
    truth = random.integers(0, 2, (40, 3))
    subject = np.repeat(np.arange(10), 4)
    told = [np.where(random.random(truth.shape) < share, 1 - truth, truth) for share in (0.4, 0.05)]
    a, b = (metrics.au_confusion(truth, each, subject, 10)[:, None] for each in told)
    found = paired(a, b, ["casme3"] * 10, {"au_f1": metrics.mean_au_f1})["au_f1"]
    expected = [metrics.mean_au_f1(metrics.au_confusion(truth, each)[0]) for each in told]
    assert found.difference == pytest.approx(expected[1] - expected[0])
    assert found.p < 0.05


def test_one_subject_in_every_dataset_gives_no_interval() -> None:
    a, b = two_models(np.random.default_rng(14), 2)
    found = paired(a, b, ["smic", "samm"], ALL)["uf1"]
    assert math.isnan(found.low)
    assert math.isnan(found.high)
    assert found.p > 0


def test_a_metric_that_is_not_known_has_no_p() -> None:
    nothing = np.zeros((3, 1, 3, 3), np.int64)
    found = paired(nothing, nothing, ["smic"] * 3, ALL)["uf1"]
    assert all(math.isnan(value) for value in found)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"b": np.zeros((3, 1, 3, 3))}, r"shapes \(4, 1, 3, 3\) and \(3, 1, 3, 3\)"),
        ({"strata": ["smic"]}, "with 1 datasets"),
        ({"permutations": 0}, "1 permutation or more, not 0"),
        ({"replicates": 0}, "1 replicate or more, not 0"),
        ({"a": np.zeros((0, 1, 3, 3)), "b": np.zeros((0, 1, 3, 3)), "strata": []}, "no subject"),
    ],
)
def test_what_cannot_be_compared_is_one_sentence(change: dict[str, object], sentence: str) -> None:
    a, b = two_models(np.random.default_rng(15), 4)
    given: dict[str, object] = {"a": a, "b": b, "strata": ["smic"] * 4, "metrics": ALL, **change}
    with pytest.raises(MebenchError, match=sentence):
        paired(**given)  # type: ignore[arg-type]


def test_holm_multiplies_the_smallest_by_all_and_keeps_the_order() -> None:
    assert holm([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert holm([0.8, 0.6]) == [1.0, 1.0]
    assert holm([0.2]) == [0.2]
    assert holm([]) == []


def test_holm_leaves_out_what_is_not_known() -> None:
    corrected = holm([0.02, math.nan, 0.03])
    assert corrected[0] == pytest.approx(0.04)
    assert math.isnan(corrected[1])
    assert corrected[2] == pytest.approx(0.04)
