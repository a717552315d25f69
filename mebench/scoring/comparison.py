"""Is one model better than another on the same clips? Paired differences over subjects, from confusions.

>>> from mebench.scoring.metrics import uf1
>>> a = np.array([[[3, 1], [0, 2]], [[2, 0], [1, 1]], [[1, 1], [1, 3]]])[:, None]  # (subjects, seeds, C, C)
>>> b = np.array([[[4, 0], [0, 2]], [[2, 0], [0, 2]], [[2, 0], [1, 3]]])[:, None]
>>> found = paired(a, b, ["smic"] * 3, {"uf1": uf1})["uf1"]
>>> round(found.difference, 3), found.p
(0.187, 0.25)

The test swaps the two models' predictions subject by subject: were they equally good, it would not matter whose are
whose. Two intervals that overlap say nothing of the kind, for both models find the same subjects hard, and that cancels
in a difference.

On simulated models of equal skill (benchmarks/comparison_power.py) p is .05 or less in 4.8 % of cases at 68 subjects
and in 4.9 % at 26; a true difference of .065 of UF1 is found in 73 % and 39 %, one of .125 in 100 % and 92 %.
Wilcoxon's test on the subjects' own UF1 finds 57 % and 28 %, 99 % and 81 %; intervals that do not overlap 3 % and 1 %,
63 % and 14 %. The interval of the difference, a bootstrap-t, leaves out 0 in 4.7 % and 5.0 % of cases of equal models.
It says how large the difference may be; decide by p.

References: R. A. Fisher, The Design of Experiments, 1935, section 21 (swapping within pairs); E. W. Noreen,
Computer-Intensive Methods for Testing Hypotheses, 1989 (of scores that are no means, such as F1); S. Holm, A Simple
Sequentially Rejective Multiple Test Procedure, Scandinavian Journal of Statistics 6, 1979.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from mebench.errors import MebenchError
from mebench.scoring import draws, intervals, studentised
from mebench.scoring.gradients import with_gradient
from mebench.scoring.metrics import Counts, Floats

PERMUTATIONS = 10_000
# Differences of equal counts taken along other ways may differ in the last digit.
_SAME = 1e-12
# Swaps are made so many at a time, to bound memory: a thousand of 700 subjects are 6 MB.
_AT_A_TIME = 1000


class Paired(NamedTuple):
    """What ``b`` has more than ``a``: its bounds, and how often swaps of equal models give as much; NaN unknown."""

    difference: float
    low: float
    high: float
    p: float


def paired(
    a: Counts,
    b: Counts,
    strata: Sequence[str],
    metrics: Mapping[str, Callable[[Counts], Floats]],
    *,
    permutations: int = PERMUTATIONS,
    replicates: int = intervals.REPLICATES,
    seed: int = draws.SEED,
) -> dict[str, Paired]:
    """Compare two models' pooled metrics, each the mean over training seeds.

    ``a`` and ``b`` ``(S, seeds, ...)`` hold one matrix a subject and training seed, of the same clips; ``strata``
    the dataset of each subject. A metric maps ``(n, seeds, ...)`` to ``(n, seeds)``.

    ``p`` is two-sided: the share of swaps whose difference is as large as the one found, in absolute value. A subject's
    seeds are swapped together, for they share its difficulty. Where all swaps are no more than ``permutations``, each
    is taken once and ``p`` is exact; else that many are drawn, and the one found counts among them, so that ``p`` is
    never 0. ``low`` and ``high`` are the bootstrap-t interval of :mod:`mebench.scoring.studentised`, of the difference:
    both models with the subjects of each draw.

    The same arguments give the same figures on every machine.

    Raises MebenchError for shapes that differ, no subject, and fewer than one permutation or replicate.
    """
    if a.shape != b.shape or len(strata) != len(a):
        raise MebenchError(
            f"confusions of shapes {a.shape} and {b.shape} with {len(strata)} datasets cannot be compared: give one "
            "matrix a subject and seed in both, and one dataset a subject"
        )
    if not len(a):
        raise MebenchError("there is no subject to compare two models on")
    if permutations < 1:
        raise MebenchError(f"a permutation test needs 1 permutation or more, not {permutations}")
    flat_a, flat_b = (each.reshape(len(each), -1).astype(np.float64) for each in (a, b))
    shape = a.shape[1:]

    def differences(of_a: Floats, of_b: Floats) -> dict[str, Floats]:
        first, second = (each.reshape(-1, *shape) for each in (of_a, of_b))
        return {name: (metric(second) - metric(first)).mean(axis=1) for name, metric in metrics.items()}

    sum_a, sum_b = flat_a.sum(axis=0), flat_b.sum(axis=0)
    found = differences(sum_a, sum_b)
    moved = flat_b - flat_a
    unlike = moved.any(axis=1)  # swapping equal predictions changes nothing
    as_large = dict.fromkeys(metrics, 0)
    count = 0
    for swaps in _swaps(int(unlike.sum()), permutations, seed):
        shift = swaps @ moved[unlike]
        count += len(swaps)
        for name, of_swaps in differences(sum_a + shift, sum_b - shift).items():
            as_large[name] += int((abs(of_swaps) >= abs(found[name]) - _SAME).sum())
    weights = draws.same_draws(tuple(strata), replicates, seed)
    both = np.concatenate([flat_a, flat_b], axis=1)
    exact = _is_exact(int(unlike.sum()), permutations)
    result = {}
    for name, (difference,) in found.items():
        share = as_large[name] / count if exact else (1 + as_large[name]) / (1 + count)
        p = math.nan if math.isnan(difference) else share
        moves = paired_statistic(metrics[name], shape)
        bounds = studentised.bounds(both, strata, weights, moves, intervals.LEVEL, studentised.DIFFERENCE)
        result[name] = Paired(float(difference), *bounds, p)
    return result


def holm(p: Sequence[float]) -> list[float]:
    """Correct p-values for how many comparisons were made; each is still compared with .05.

    The smallest of m is multiplied by m, the next by m - 1 and so on, and none is less than one before it, nor more
    than 1. NaN stays, and does not count.
    """
    known = sorted((value, place) for place, value in enumerate(p) if not math.isnan(value))
    corrected = [math.nan] * len(p)
    largest = 0.0
    for before, (value, place) in enumerate(known):
        largest = max(largest, min(1.0, (len(known) - before) * value))
        corrected[place] = largest
    return corrected


def _is_exact(subjects: int, permutations: int) -> bool:
    return subjects < 63 and 2**subjects <= permutations


def _swaps(subjects: int, permutations: int, seed: int) -> Iterator[Floats]:
    """Yield who is swapped, 0 or 1 ``(n, subjects)``: every way once where there are few, else drawn ones."""
    if _is_exact(subjects, permutations):
        ways = np.arange(2**subjects)
        for start in range(0, len(ways), _AT_A_TIME):
            yield (ways[start : start + _AT_A_TIME, None] >> np.arange(subjects) & 1).astype(np.float64)
        return
    random = np.random.RandomState(seed)  # frozen, as in draws.subject_weights
    for start in range(0, permutations, _AT_A_TIME):
        size = (min(_AT_A_TIME, permutations - start), subjects)
        yield random.randint(0, 2, size=size, dtype=np.int64).astype(np.float64)


def paired_statistic(
    metric: Callable[[Counts], Floats], shape: tuple[int, ...]
) -> Callable[[Floats], tuple[Floats, Floats]]:
    """Return what a metric of b has more than of a, and its slopes, of counts of both side by side.

    The counts are ``(n, features)``, first those of a, then those of b, each of ``shape`` (seeds, ...).
    """

    def statistic(sums: Floats) -> tuple[Floats, Floats]:
        first, second = (
            with_gradient(metric, each.reshape(-1, *shape)) for each in np.split(sums, 2, axis=1)
        )
        slopes = [each.reshape(len(sums), -1) for each in (-first[1], second[1])]
        return second[0] - first[0], np.concatenate(slopes, axis=1)

    return statistic
