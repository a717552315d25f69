"""Trained on shuffled labels: chance, counted by folds."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from invented import invented_cohort

from mebench.audit.chance import Agreement, above_chance, agreement_of, chosen_folds, judged
from mebench.cohort.splits import Fold
from mebench.models.base import Predictions


def _folds(*kappas: float | None) -> list[Agreement]:
    return [Agreement(kappa, 3, 1.5, 6) for kappa in kappas]


def test_kappa_is_agreement_beyond_what_frequencies_make() -> None:
    cohort = invented_cohort(subjects=3, clips=4)  # each subject shows each of four classes once
    fold = cohort.folds[0]
    truth = cohort.clips["label"].to_numpy()[fold.test]
    perfect = agreement_of(cohort, fold, Predictions(np.eye(4)[truth]))
    assert (perfect.kappa, perfect.right, perfect.chance, perfect.asked) == (1, 4, 1, 4)
    # Two of four right, each class told once: (2/4 - 1/4) / (1 - 1/4).
    half = truth.copy()
    half[[0, 1]] = half[[1, 0]]
    assert agreement_of(cohort, fold, Predictions(np.eye(4)[half])).kappa == pytest.approx(1 / 3)


def test_the_most_frequent_class_alone_is_no_knowledge() -> None:
    cohort = invented_cohort()
    said = Predictions(np.tile([1.0, 0, 0, 0], (4, 1)))
    found = agreement_of(cohort, cohort.folds[0], said)
    assert found.kappa == 0
    assert found.right == found.chance == 1


def test_clips_of_one_class_tell_nothing() -> None:
    cohort = invented_cohort()
    fold = Fold("one", np.array([1, 2]), np.flatnonzero(cohort.clips["label"] == 0))
    assert agreement_of(cohort, fold, Predictions(np.tile([1.0, 0, 0, 0], (3, 1)))).kappa is None


def test_action_units_alone_are_counted_by_unit() -> None:
    cohort = invented_cohort()
    units = replace(cohort, protocol=replace(cohort.protocol, classes=(), labels={"casme3": {}}))
    fold = cohort.folds[0]
    perfect = Predictions(np.empty((4, 0)), cohort.aus[fold.test].astype(float))
    assert agreement_of(units, fold, perfect).kappa == pytest.approx(1)
    opposite = Predictions(np.empty((4, 0)), 1.0 - cohort.aus[fold.test])
    assert agreement_of(units, fold, opposite).kappa < 0


@pytest.mark.parametrize(
    ("kappas", "p"),
    [((0.5,), 1 / 2), ((0.5, 0.5), 1 / 4), ((1.0,) * 8, 1 / 256), ((0.5, -0.5), 3 / 4), ((0.0, 0.0), 1.0)],
)
def test_p_is_that_of_all_sign_flips(kappas: tuple[float, ...], p: float) -> None:
    assert above_chance(np.array(kappas)) == pytest.approx(p)


def test_of_many_folds_random_flips_are_made_and_what_was_found_is_one() -> None:
    assert above_chance(np.ones(40)) == pytest.approx(1 / 4096)


def test_chance_passes_and_knowledge_fails() -> None:
    assert judged(_folds(0.3, -0.2, 0.1, -0.1, 0, 0.2, -0.3, 0.1)).passed
    found = judged(_folds(*[0.4] * 8))
    assert found.passed is False
    assert "it knows labels that it was not trained on; p = 0.0039" in found.evidence
    assert judged(_folds(0.9, 0.8)).passed is False, "so much needs no count"
    assert judged(_folds(0.3, 0.3)).passed, "two folds may be so by chance"
    assert judged(_folds(None, None)).passed is None


def test_an_honest_model_rarely_fails() -> None:
    """Of clips that come in clumps, each told by a class drawn at random, as a model of shuffled labels tells them."""
    rng = np.random.default_rng(0)
    cohort = invented_cohort(subjects=8, clips=12)
    truth = cohort.clips["label"].to_numpy()
    failed = 0
    for _ in range(150):
        found = []
        for fold in cohort.folds:
            names = rng.integers(0, 4, 4)
            found.append(agreement_of(cohort, fold, Predictions(np.eye(4)[names[truth[fold.test]]])))
        failed += judged(found).passed is False
    assert failed <= 6


def test_folds_are_spread_over_all() -> None:
    folds = [Fold(str(i), np.array([0]), np.array([1])) for i in range(20)]
    assert [fold.name for fold in chosen_folds(folds, 3)] == ["0", "10", "19"]
    assert len(chosen_folds(folds, 50)) == 20
