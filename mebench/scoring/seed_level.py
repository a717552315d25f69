"""Training seeds as a second level of chance: would other trainings of both models say the same?

>>> from mebench.scoring.metrics import accuracy
>>> right, wrong = [[3, 0], [0, 3]], [[2, 1], [2, 1]]
>>> found = over_seeds(np.array([[wrong, right]] * 9), np.array([[right, right]] * 9), ["smic"] * 9, accuracy)
>>> found.better, found.low < 0.25 < found.high
(0.75, True)

The test of :mod:`mebench.scoring.comparison` is of the networks that were trained, on other subjects. Whether a model
is better than another whatever the seed is a wider question: here subjects *and* seeds are drawn again.

With three seeds their spread is itself hardly known, and one seed tells nothing of it. The interval is cautious: seeds
differ in single answers too, which the draws of subjects hold already. On simulated equal models it leaves out 0 in
0.2 % of cases where trainings are of one skill, and in 3 to 5 % where they differ much (docs/statistics.md).

References: A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application, 1997, section 3.8 (hierarchical
data); X. Bouthillier et al., Accounting for Variance in Machine Learning Benchmarks, MLSys 2021 (how often one training
beats another).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from mebench.scoring import draws, intervals
from mebench.scoring.metrics import Counts, Floats
from mebench.scoring.percentiles import expanded_percentiles
from mebench.scoring.studentised import UNKNOWN


class OverSeeds(NamedTuple):
    """``better``: the share of pairs of trainings, one of each model, where b scores more (a tie counts half).

    ``low`` and ``high`` bound the difference over other subjects and other seeds. NaN where one of both is not known.
    """

    better: float
    low: float
    high: float


def over_seeds(
    a: Counts,
    b: Counts,
    strata: Sequence[str],
    metric: Callable[[Counts], Floats],
    *,
    replicates: int = intervals.REPLICATES,
    seed: int = draws.SEED,
    level: float = intervals.LEVEL,
) -> OverSeeds:
    """Compare two models' trainings, ``(S, seeds, ...)`` each; they may differ in how many seeds they have.

    A replicate draws subjects within datasets, the same for both, and the seeds of each model by themselves. Drawn
    seeds deviate from their mean by the root of k / (k - 1) more than they do, since k seeds are spread about their own
    mean; the bounds are expanded percentiles (:mod:`mebench.scoring.percentiles`).
    """
    weights = draws.same_draws(tuple(strata), replicates, seed)
    random = np.random.RandomState(seed + 1)  # frozen, as in draws.subject_weights
    sides, of_all = [], []
    for counts in (a, b):
        seeds = counts.shape[1]
        flat = counts.reshape(len(counts), -1).astype(np.float64)
        drawn = metric((weights @ flat).reshape(replicates, *counts.shape[1:]))
        chosen = random.randint(0, seeds, size=(replicates, seeds), dtype=np.int64)
        mean = drawn.mean(axis=1)
        inflation = np.sqrt(seeds / (seeds - 1)) if seeds > 1 else 1.0
        sides.append(mean + inflation * (np.take_along_axis(drawn, chosen, axis=1).mean(axis=1) - mean))
        of_all.append(metric(counts.sum(axis=0)[None])[0])
    apart = of_all[1][None, :] - of_all[0][:, None]
    better = (np.sign(np.where(np.abs(apart) < 1e-12, 0.0, apart)).mean() + 1) / 2
    if min(a.shape[1], b.shape[1]) < 2:
        return OverSeeds(np.nan, *UNKNOWN)
    bounds = expanded_percentiles(sides[1] - sides[0], len(strata), len(set(strata)), level)
    if not bounds.high - bounds.low > 1e-12:
        bounds = UNKNOWN  # nothing differs between subjects or seeds: no spread can be told
    return OverSeeds(float(better), *bounds)
