"""The bootstrap-t: how far a figure may be off, counted in its own standard error, from whole subjects drawn again.

A percentile interval is too narrow with few subjects: a draw that happens to hold alike subjects gives a figure that
lies apart *and* seems certain. Here each draw's distance is divided by the standard error that this draw would tell,
and the bounds are as many of the real standard errors away as the draws' are of theirs.

Everything is whole numbers, or one of + - * / and square root, which every machine rounds alike: the same counts give
the same bounds everywhere. The slopes are rounded to whole numbers of a small unit for that: a matrix product of whole
numbers is exact in whatever order a machine adds.

Reference: A. C. Davison, D. V. Hinkley, Bootstrap Methods and their Application, 1997, sections 2.4, 2.7 and 3.2
(stratified draws); B. Efron, C. Stein, The jackknife estimate of variance, Annals of Statistics 9, 1981.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from mebench.scoring.metrics import Floats

# Values (n,) of sums of counts (n, features), and their slopes (n, features).
Statistic = Callable[[Floats], tuple[Floats, Floats]]
# A draw's error counts as this share of the real one at least: where one subject alone errs otherwise than all others,
# most draws lack it and tell none. 1 / 5, as the 97.5 % limit of a count of one is 5.6.
_LEAST = 0.2
_ROUNDING = 1e-12
_BITS = 30


class Interval(NamedTuple):
    """Lower and upper bound; both NaN where they cannot be known."""

    low: float
    high: float


UNKNOWN = Interval(math.nan, math.nan)


class Scale(NamedTuple):
    """Where distances are counted: a growing function of the figure, its slope, and the way back, between its ends."""

    of: Callable[[Floats], Floats]
    slope: Callable[[Floats], Floats]
    back: Callable[[float], float]
    inside: Callable[[float], bool]


def _share_slope(share: Floats) -> Floats:
    with np.errstate(divide="ignore"):
        slope: Floats = 0.5 / np.sqrt(share) + 0.5 / np.sqrt(1 - share)
    return slope


def _share_back(value: float) -> float:
    held = min(1.0, max(-1.0, value))
    half = 0.5 * math.sqrt(max(0.0, 1 - (1 - held * held) ** 2))
    return 0.5 + math.copysign(half, held)


# Near 0 and 1 a share's error is small and lopsided. sqrt(x) - sqrt(1 - x) evens that out, as the arc sine does.
SHARE = Scale(lambda x: np.sqrt(x) - np.sqrt(1 - x), _share_slope, _share_back, lambda x: 0 < x < 1)
# A difference of two shares.
DIFFERENCE = Scale(lambda x: x, np.ones_like, lambda x: min(1.0, max(-1.0, x)), math.isfinite)


def bounds(
    counts: Floats, strata: Sequence[str], weights: Floats, statistic: Statistic, level: float, scale: Scale
) -> Interval:
    """Return the bootstrap-t interval of a statistic of summed counts.

    ``counts`` ``(S, features)`` holds each subject's whole numbers, ``weights`` ``(replicates, S)`` how often a draw
    holds each (:func:`mebench.scoring.draws.subject_weights`). The statistic must not change when all counts are
    doubled, as no ratio does. Its standard error is the jackknife's, within strata; a draw's is the linearised one.

    NaN: where the subjects are no two more than the strata; where leaving out a subject leaves the figure unknown, or
    never changes it (every clip right, or the same answer always: no error can be told from that); where the draws are
    too few for the level, as fewer than 39 are for 95 %. Three subjects make for wide bounds.
    """
    found, _ = statistic(counts.sum(axis=0)[None])
    members = [np.flatnonzero(np.asarray(strata) == name) for name in sorted(set(strata))]
    error = _jackknife(counts, statistic, members)
    if len(strata) < len(members) + 2 or not error > _ROUNDING or not scale.inside(float(found[0])):
        return UNKNOWN
    values, slopes = statistic(weights @ counts)
    known = ~np.isnan(values)
    rank = math.floor((known.sum() + 1) * (1 - level) / 2 + 1e-9)
    if rank < 1:
        return UNKNOWN
    middle, step = float(scale.of(found)[0]), float(scale.slope(found)[0]) * error
    steep, errors = scale.slope(values), np.sqrt(_variances(counts, slopes, weights, members))
    # At an end of a scale its slope is infinite, and the draw's subjects do not differ.
    own = np.maximum(np.where(np.isfinite(steep), steep, 0.0) * errors, _LEAST * step)
    away = np.sort(((scale.of(values) - middle) / own)[known])
    low, high = middle - float(away[-rank]) * step, middle - float(away[rank - 1]) * step
    return Interval(scale.back(low), scale.back(high))


def _jackknife(counts: Floats, statistic: Statistic, members: Sequence[npt.NDArray[np.int64]]) -> float:
    """Return the standard error from leaving out each subject, the others of its stratum standing in for it.

    A stratum of one subject adds nothing.
    """
    whole, total = counts.sum(axis=0), 0.0
    for rows in members:
        if (size := len(rows)) > 1:
            own = counts[rows]
            without, _ = statistic(whole + (own.sum(axis=0) - size * own) / (size - 1))
            apart = without - without.sum() / size
            total += float((apart * apart).sum()) * (size - 1) / size
    return math.sqrt(total)


def _variances(
    counts: Floats, slopes: Floats, weights: Floats, members: Sequence[npt.NDArray[np.int64]]
) -> Floats:
    """Return each draw's linearised variance, (replicates,): of its subjects' influences, within strata."""
    largest = float(np.abs(slopes).max(initial=0.0))
    unit = math.ldexp(1.0, math.frexp(largest)[1] - _BITS)
    whole = np.rint(slopes / unit).T
    total = np.zeros(len(weights))
    for rows in members:
        size = len(rows)
        if size == 1:
            continue
        influence, times = counts[rows] @ whole, weights[:, rows].T
        held = times * influence
        sums = held.sum(axis=0)
        total += ((held * influence).sum(axis=0) - sums * sums / size) * (size / (size - 1))
    variances: Floats = np.maximum(total, 0.0) * (unit * unit)
    return variances
