"""(g) What is trained on shuffled labels has nothing to learn: it must be right by chance alone.

A fold's agreement is Cohen's kappa (Educational and Psychological Measurement 20, 1960, eq. 1): how much more often
prediction and truth agree than their frequencies alone make them, 1 for all clips and 0 for chance. Frequencies are
no knowledge: a model may well learn from shuffled labels which class is common. Clips of a fold are told alike by one
model, so folds are what is counted: under chance each fold's kappa is as often below 0 as above.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mebench.audit.case import Case
from mebench.audit.finding import Finding
from mebench.cohort.building import Cohort
from mebench.cohort.protocol import AU_UNKNOWN
from mebench.cohort.splits import Fold
from mebench.models.base import Predictions
from mebench.runner.jobs import Failure
from mebench.scoring.au_scores import AU_THRESHOLD

# Above the first, folds are counted (one-sided sign flips); above the second no count is needed.
SOME_KAPPA, MUCH_KAPPA, LEVEL = 0.1, 0.5, 0.01
_FLIPS = 1 << 12


def shuffled_labels(case: Case) -> Finding:
    """Return whether a model that was trained on shuffled labels is at chance."""
    folds = chosen_folds(case.cohort.folds, case.most)
    outcomes = case.ask([case.job(fold, shuffled=True) for fold in folds])
    found = []
    for fold, outcome in zip(folds, outcomes, strict=True):
        if isinstance(outcome, Failure):
            return Finding("g", False, f"trained on shuffled labels, {fold.name} fails: {outcome.reason}", {})
        found.append(agreement_of(case.cohort, fold, case.in_order(fold, outcome)))
    return judged(found)


@dataclass(frozen=True)
class Agreement:
    """Of one fold: ``kappa``, None where its frequencies leave nothing to agree by; ``right`` of ``asked`` decisions.

    ``chance`` is how many of them frequencies alone make right.
    """

    kappa: float | None
    right: float
    chance: float
    asked: int


def judged(found: Sequence[Agreement]) -> Finding:
    """Return the finding of the folds' agreements."""
    kappas = [each.kappa for each in found if each.kappa is not None]
    if not kappas:
        return Finding(
            "g", None, "every fold's test clips are of one class, by which no knowledge can be told"
        )
    asked = sum(each.asked for each in found)
    right, chance = (sum(getattr(each, name) for each in found) / asked for name in ("right", "chance"))
    kappa, p = float(np.mean(kappas)), above_chance(np.array(kappas))
    figures = {"right": right, "chance": chance, "kappa": kappa, "p": p, "folds": len(kappas)}
    shares = f"{100 * right:.1f} % right where chance gives {100 * chance:.1f} %"
    words = f"{shares} (kappa {kappa:.2f}, {len(kappas)} folds)"
    if kappa > MUCH_KAPPA or (kappa > SOME_KAPPA and p <= LEVEL):
        return Finding(
            "g", False, f"{words}: it knows labels that it was not trained on; p = {p:.3g}", figures
        )
    return Finding("g", True, words, figures)


def agreement_of(cohort: Cohort, fold: Fold, predictions: Predictions) -> Agreement:
    """Return the agreement of predictions in the cohort's order of a fold's test clips."""
    if cohort.protocol.classes:
        truth = cohort.clips["label"].to_numpy()[fold.test]
        return _of(predictions.probabilities.argmax(axis=1), truth, len(cohort.protocol.classes))
    coded = (cohort.aus[fold.test] != AU_UNKNOWN).all(axis=1)
    said = (np.asarray(predictions.aus)[coded] > AU_THRESHOLD).astype(int)
    truth = cohort.aus[fold.test][coded]
    units = [_of(said[:, k], truth[:, k], 2) for k in range(truth.shape[1])]
    kappas = [each.kappa for each in units if each.kappa is not None]
    return Agreement(
        float(np.mean(kappas)) if kappas else None,
        sum(each.right for each in units),
        sum(each.chance for each in units),
        sum(each.asked for each in units),
    )


def _of(said: np.ndarray, truth: np.ndarray, classes: int) -> Agreement:
    n = len(truth)
    if not n:
        return Agreement(None, 0, 0, 0)
    shares = [np.bincount(each.astype(int), minlength=classes) / n for each in (said, truth)]
    by_chance = float(shares[0] @ shares[1])
    right = float((said == truth).mean())
    # Where all clips are of one class, agreement says nothing but how frequent it is.
    tells = (shares[1] < 1).all()
    return Agreement((right - by_chance) / (1 - by_chance) if tells else None, right * n, by_chance * n, n)


def above_chance(kappas: np.ndarray) -> float:
    """Return how often the mean of kappas (n,) is as high by chance: p of the one-sided sign-flip test.

    All 2^n flips are made of up to 12 folds, 4096 random ones of more.
    """
    n = len(kappas)
    if 1 << n <= _FLIPS:
        signs = 1 - 2 * (np.arange(1 << n)[:, None] >> np.arange(n) & 1)
    else:
        signs = np.random.default_rng(0).choice((-1, 1), (_FLIPS, n))
        signs[0] = 1  # what was found is one of them
    means = signs @ kappas
    return float((means >= kappas.sum() - 1e-12).mean())


def chosen_folds(folds: Sequence[Fold], most: int) -> list[Fold]:
    """Return up to ``most`` folds, spread evenly over all, so that of several datasets each has some."""
    places = np.unique(np.linspace(0, len(folds) - 1, min(most, len(folds))).round().astype(int))
    return [folds[i] for i in places]
