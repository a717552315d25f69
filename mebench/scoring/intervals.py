"""How far a score may be chance: bootstrap-t intervals over subjects, stratified by dataset.

Clips of one subject are alike, so whole subjects are drawn, with replacement, and within each dataset as
many as it has. How far each draw's score lies from the real one is counted in its own standard error
(:mod:`mebench.scoring.studentised`):

>>> from mebench.scoring.metrics import uf1
>>> subjects = np.array([[[3, 1], [0, 2]], [[2, 0], [1, 1]], [[1, 1], [1, 3]], [[2, 1], [0, 1]]])
>>> bounds = bootstrap(subjects[:, None], ["smic"] * 4, {"uf1": uf1})["uf1"]
>>> bool(bounds.low < uf1(subjects.sum(axis=0)) < bounds.high)
True

On simulated subjects of different skill a 95 % interval of UF1 or UAR covers the true value in 94.5 to 96.0 % of
cohorts of 16 to 94 subjects; in one setting, UAR of strong models of five classes at 26 subjects, in 96.7 %
(benchmarks/coverage.py; docs/statistics.md).

Reference: A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application, 1997, chapters 2 and 5.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from mebench.errors import MebenchError
from mebench.scoring.draws import SEED, same_draws
from mebench.scoring.gradients import with_gradient
from mebench.scoring.metrics import Counts, Floats
from mebench.scoring.studentised import SHARE, UNKNOWN, Interval, bounds

LEVEL = 0.95
REPLICATES = 2000
METHOD = "bootstrap-t"


def bootstrap(
    confusions: Counts,
    strata: Sequence[str],
    metrics: Mapping[str, Callable[[Counts], Floats]],
    *,
    replicates: int = REPLICATES,
    seed: int = SEED,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Interval of each metric's mean over training seeds; a metric is a share between 0 and 1.

    ``confusions`` ``(S, seeds, ...)`` holds one matrix a subject and training seed, ``strata`` the dataset
    of each subject. A metric maps ``(replicates, seeds, ...)`` to ``(replicates, seeds)``. All seeds of a
    replicate see the same subjects, so the interval speaks of subjects; the spread between seeds is a
    number of its own.

    The same arguments give the same bounds on every machine. A class or action unit that a replicate
    lacks is left out of that replicate's mean, as in the metric itself. With three subjects bounds are wide;
    NaN where they cannot be known: fewer than two subjects more than datasets, a score that leaving out a
    subject never changes (every clip right, UAR of one answer always) or leaves unknown, and fewer than 39
    replicates.

    Raises MebenchError for fewer than one replicate, or where strata and confusions disagree in length.
    """
    if len(strata) != len(confusions):
        raise MebenchError(
            f"{len(confusions)} subjects have {len(strata)} datasets: give one dataset a subject"
        )
    if replicates < 1:
        raise MebenchError(f"an interval needs 1 replicate or more, not {replicates}")
    if len(strata) < len(set(strata)) + 2:
        return dict.fromkeys(metrics, UNKNOWN)
    shape = confusions.shape[1:]
    # In float64 for the speed of a matrix product; counts are far below 2**53, so the sums are exact.
    flat = confusions.reshape(len(confusions), -1).astype(np.float64)
    weights = same_draws(tuple(strata), replicates, seed)

    def of(metric: Callable[[Counts], Floats]) -> Interval:
        def statistic(sums: Floats) -> tuple[Floats, Floats]:
            values, slopes = with_gradient(metric, sums.reshape(-1, *shape))
            return values, slopes.reshape(sums.shape)

        return bounds(flat, strata, weights, statistic, level, SHARE)

    return {name: of(metric) for name, metric in metrics.items()}
