"""Two runs compared: their scores, and the paired difference of each.

    compare_pooled(read_predictions(one), read_predictions(other))["uf1"]["p"]

docs/comparing.md says what the figures mean.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypedDict

import numpy as np

from mebench.scoring import draws, intervals, metrics
from mebench.scoring.comparison import PERMUTATIONS, paired
from mebench.scoring.metrics import Counts, Floats
from mebench.scoring.rebuild import Pooled
from mebench.scoring.seed_level import over_seeds
from mebench.scoring.side_by_side import Answers, SideBySide, side_by_side
from mebench.scoring.summaries import plain

OF_CLASSES = {"uf1": metrics.uf1, "uar": metrics.uar, "accuracy": metrics.accuracy}
OF_UNITS = {"au_f1": metrics.mean_au_f1}


class PairedScore(TypedDict):
    """A metric of two runs, ``a`` and ``b``, and what the second has more; None where it is not known.

    Each is the mean over the training seeds that both have. ``low`` and ``high`` bound the difference, ``p`` is not
    corrected for several comparisons; see :func:`mebench.scoring.comparison.paired`.
    """

    a: float | None
    b: float | None
    difference: float | None
    low: float | None
    high: float | None
    p: float | None


class PairedScores(TypedDict, total=False):
    """The metrics of two runs: of classes where the protocol has any, ``au_f1`` where both detect action units."""

    uf1: PairedScore
    uar: PairedScore
    accuracy: PairedScore
    au_f1: PairedScore


class SeedLevel(TypedDict):
    """What other trainings might say of a difference: see :class:`mebench.scoring.seed_level.OverSeeds`."""

    better: float | None
    low: float | None
    high: float | None


def compare_pooled(
    a: Pooled,
    b: Pooled,
    *,
    permutations: int = PERMUTATIONS,
    replicates: int = intervals.REPLICATES,
    seed: int = draws.SEED,
) -> PairedScores:
    """Compare two complete runs of the same clips, over the training seeds that both have.

    Raises:
        MebenchError: they cannot be compared; see :func:`mebench.scoring.side_by_side.side_by_side`.
    """
    return paired_scores(side_by_side(a, b), permutations, replicates, seed)


def paired_scores(both: SideBySide, permutations: int, replicates: int, seed: int) -> PairedScores:
    """Return the paired scores of what two runs answered."""
    found: dict[str, PairedScore] = {}
    for answers, measured in ((both.classes, OF_CLASSES), (both.aus, OF_UNITS)):
        if answers is not None:
            found |= _paired(answers, measured, permutations, replicates, seed)
    result: PairedScores = found  # type: ignore[assignment]
    return result


def seed_levels(both: SideBySide, replicates: int, seed: int) -> dict[str, SeedLevel]:
    """Return by metric what training seeds say of two runs' difference; nothing of one seed."""
    found: dict[str, SeedLevel] = {}
    for answers, measured in ((both.classes, OF_CLASSES), (both.aus, OF_UNITS)):
        if answers is not None and answers.told.shape[1] > 1:
            a, b = answers.confusions()
            for name, metric in measured.items():
                each = over_seeds(a, b, answers.clips.strata, metric, replicates=replicates, seed=seed)
                found[name] = {
                    "better": plain(each.better),
                    "low": plain(each.low),
                    "high": plain(each.high),
                }
    return found


def _paired(
    answers: Answers,
    measured: Mapping[str, Callable[[Counts], Floats]],
    permutations: int,
    replicates: int,
    seed: int,
) -> dict[str, PairedScore]:
    a, b = answers.confusions()
    found = paired(
        a, b, answers.clips.strata, measured, permutations=permutations, replicates=replicates, seed=seed
    )
    means = {
        name: [float(np.mean(metric(each.sum(axis=0)))) for each in (a, b)]
        for name, metric in measured.items()
    }
    return {
        name: {
            "a": plain(means[name][0]),
            "b": plain(means[name][1]),
            "difference": plain(each.difference),
            "low": plain(each.low),
            "high": plain(each.high),
            "p": plain(each.p),
        }
        for name, each in found.items()
    }
