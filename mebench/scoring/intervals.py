"""How far a score may be chance: percentile bootstrap over subjects, stratified by dataset.

Clips of one subject are alike, so whole subjects are drawn, with replacement, and within each dataset as
many as it has. A replicate's confusion matrix is then a weighted sum of the subjects' matrices, which makes
2000 replicates one matrix product:

>>> from mebench.scoring.metrics import uf1
>>> subjects = np.array([[[3, 1], [0, 2]], [[2, 0], [1, 1]], [[1, 1], [1, 3]]])
>>> bounds = bootstrap(subjects[:, None], ["smic", "smic", "smic"], {"uf1": uf1})["uf1"]
>>> bool(bounds.low < uf1(subjects.sum(axis=0)) < bounds.high)
True

With few subjects a percentile interval is somewhat too narrow: on simulated subjects of different skill the
95 % interval covered the true value in 94 % of cases with 68 subjects, 91 % with 26 and 89 % with 16.

Reference: B. Efron, R. Tibshirani, An Introduction to the Bootstrap, 1993, chapter 13.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mebench.errors import MebenchError
from mebench.scoring.metrics import Counts, Floats

LEVEL = 0.95
REPLICATES = 2000
SEED = 20190514


class Interval(NamedTuple):
    """Lower and upper bound; both NaN where there was nothing to resample."""

    low: float
    high: float


def bootstrap(
    confusions: Counts,
    strata: Sequence[str],
    metrics: Mapping[str, Callable[[Counts], Floats]],
    *,
    replicates: int = REPLICATES,
    seed: int = SEED,
    level: float = LEVEL,
) -> dict[str, Interval]:
    """Interval of each metric's mean over training seeds.

    ``confusions`` ``(S, seeds, ...)`` holds one matrix a subject and training seed, ``strata`` the dataset
    of each subject. A metric maps ``(replicates, seeds, ...)`` to ``(replicates, seeds)``. All seeds of a
    replicate see the same subjects, so the interval speaks of subjects; the spread between seeds is a
    number of its own.

    The same arguments give the same bounds on every machine. A class or action unit that a replicate
    lacks is left out of that replicate's mean, as in the metric itself. One replicate gives bounds that
    both equal it. With one subject in every dataset no spread can be known, and the bounds are NaN.

    Raises MebenchError for fewer than one replicate, or where strata and confusions disagree in length.
    """
    if len(strata) != len(confusions):
        raise MebenchError(
            f"{len(confusions)} subjects have {len(strata)} datasets: give one dataset a subject"
        )
    if replicates < 1:
        raise MebenchError(f"an interval needs 1 replicate or more, not {replicates}")
    if len(set(strata)) == len(strata):
        return dict.fromkeys(metrics, Interval(np.nan, np.nan))
    # In float64 for the speed of a matrix product; counts are far below 2**53, so the sums are exact.
    flat = confusions.reshape(len(confusions), -1).astype(np.float64)
    sums = (_same_draws(tuple(strata), replicates, seed) @ flat).reshape(replicates, *confusions.shape[1:])
    return {name: percentiles(metric(sums).mean(axis=1), level) for name, metric in metrics.items()}


def subject_weights(strata: Sequence[str], replicates: int, seed: int = SEED) -> npt.NDArray[np.int64]:
    """How often each replicate holds each subject, ``(replicates, S)``.

    Within each stratum (a dataset) as many subjects are drawn as it has: its weights sum to its size, and
    a dataset of one subject is in every replicate once.
    """
    if replicates < 1:
        raise MebenchError(f"an interval needs 1 replicate or more, not {replicates}")
    names = np.asarray(strata)
    # RandomState's stream is frozen and whole numbers need no libm: records are rebuilt byte for byte.
    random = np.random.RandomState(seed)
    weights = np.zeros((replicates, len(names)), np.int64)
    row = np.arange(replicates)[:, None]
    for name in sorted(set(strata)):
        members = np.flatnonzero(names == name)
        drawn = random.randint(0, len(members), size=(replicates, len(members)), dtype=np.int64)
        np.add.at(weights, (row, members[drawn]), 1)
    return weights


@lru_cache(maxsize=4)
def _same_draws(strata: tuple[str, ...], replicates: int, seed: int) -> Floats:
    """Return the weights of one cohort's subjects: its runs are drawn alike."""
    weights = subject_weights(strata, replicates, seed).astype(np.float64)
    weights.setflags(write=False)
    return weights


def percentiles(values: Floats, level: float = LEVEL) -> Interval:
    """Return the bounds between which ``level`` of the replicates' values lie; those that are NaN do not count."""
    known = values[~np.isnan(values)]
    if not known.size:
        return Interval(np.nan, np.nan)
    low, high = np.percentile(known, [50 * (1 - level), 50 * (1 + level)])
    return Interval(float(low), float(high))
