"""What a cohort's subjects can show: how large a difference the test by swaps finds in 80 of 100 cases.

    found = power_of(Sizes({"smic": (16, (70, 51, 43))}), uf1=0.7)
    found.smallest["uf1"], found.rates["uf1"]

Pairs of models are simulated (:mod:`mebench.scoring.simulation`), the second ever better, and compared as `mebench
compare` does. Between the differences that were tried, the share found is read off a line on the normal's scale.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np

from mebench.errors import MebenchError
from mebench.scoring import metrics
from mebench.scoring.metrics import Floats
from mebench.scoring.simulation import KnownSubjects, Sizes, simulated

METRICS = {"uf1": metrics.uf1, "uar": metrics.uar}
POWER, LEVEL = 0.8, 0.05
COHORTS, SWAPS = 400, 199
SEED = 20190514
# How much better the second model is, as logits: from hardly to plainly.
_TRIED = (0.15, 0.3, 0.5, 0.75, 1.0, 1.4, 2.0, 3.0)
_AT_A_TIME = 25

Cohort = Sizes | KnownSubjects
Report = Callable[[str, int, int], None]


@dataclass(frozen=True)
class Power:
    """``rates``: by metric, true difference -> share of cohorts where it is found, the smaller differences first.

    ``smallest`` is the difference that is found in 80 % of cases, NaN where none that was tried is.
    """

    uf1: float
    rates: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    smallest: dict[str, float] = field(default_factory=dict)


def power_of(
    sizes: Cohort, *, uf1: float = 0.7, seeds: int = 1, cohorts: int = COHORTS, report: Report | None = None
) -> Power:
    """Return what differences between two models of about ``uf1`` the subjects of a cohort can show.

    Raises:
        MebenchError: no simulated model has such a UF1, or a number is out of range.
    """
    skill = _skill_of(sizes, uf1, seeds, cohorts)
    found = Power(uf1, {name: [] for name in METRICS})
    for step, more in enumerate(_TRIED):
        for name, each in _found(sizes, skill, more, seeds, cohorts).items():
            found.rates[name].append(each)
        if report:
            report("differences", step + 1, len(_TRIED))
    for name, rates in found.rates.items():
        found.smallest[name] = _where(rates)
    return found


def subjects_for(
    sizes: Cohort,
    difference: float,
    *,
    uf1: float = 0.7,
    seeds: int = 1,
    cohorts: int = COHORTS,
    smallest: Power,
    report: Report | None = None,
) -> dict[str, float]:
    """Return by metric how many subjects it takes to find a difference in 80 % of cases; NaN where that is not known.

    Errors fall with the root of the number of subjects. So three sizes about the one that this tells are tried, and
    what each says of the number due is averaged. ``smallest`` is what :func:`power_of` found for the cohort as it is.
    """
    from scipy.special import ndtri

    if not 0 < difference < 1:
        raise MebenchError(f"a difference is between 0 and 1, such as 0.05, not {difference:g}")
    base, result = len(sizes.strata), {}
    for place, name in enumerate(METRICS):
        now = smallest.smallest[name]
        guess = math.nan if math.isnan(now) else (now / difference) ** 2
        if not guess < 60:  # far more than any dataset has, and too slow to try
            result[name] = math.nan if math.isnan(guess) else base * guess
            continue
        tried = []
        for step, factor in enumerate((0.7 * guess, guess, 1.4 * guess)):
            cohort = sizes.times(max(factor, 2 * len(set(sizes.strata)) / base))
            skill = _skill_of(cohort, uf1, seeds, 100)
            more = _more_for(cohort, skill, name, difference, seeds)
            real, rate = _found(cohort, skill, more, seeds, cohorts)[name]
            away = float(ndtri(min(max(rate, 0.01), 0.99)) - ndtri(LEVEL / 2))
            tried.append(away / math.sqrt(len(cohort.strata)) * (difference / real if real > 0 else 1.0))
            if report:
                report("numbers of subjects", 3 * place + step + 1, 6)
        # A difference is so many standard errors large at one subject; at n it is root n times as many.
        at_one = sum(tried) / len(tried)
        result[name] = (float(ndtri(POWER) - ndtri(LEVEL / 2)) / at_one) ** 2 if at_one > 0 else base * guess
    return result


def _random(*place: int) -> np.random.Generator:
    """Every model and size meets the same draws, so that what differs is no chance."""
    return np.random.default_rng([SEED, *place])


def _mean(
    sizes: Cohort, skill: float, more: float, seeds: int, cohorts: int, metric: str
) -> tuple[float, float]:
    """Return the expected scores of both models."""
    even = np.full(len(sizes.counts), skill)
    both = simulated(_random(1), sizes, min(cohorts, 100), (even, even + more), seeds).sum(axis=2)
    first, second = (float(METRICS[metric](each).mean()) for each in both)
    return first, second


def _skill_of(sizes: Cohort, uf1: float, seeds: int, cohorts: int) -> float:
    """Return the skill of models of such a UF1."""
    if not 0 < uf1 < 1:
        raise MebenchError(f"a UF1 is between 0 and 1, such as 0.7, not {uf1:g}")
    if seeds < 1 or cohorts < 1:
        raise MebenchError(f"at least 1 seed and 1 cohort are due, not {seeds} and {cohorts}")
    low, high = -6.0, 9.0
    if not _mean(sizes, low, 0, 1, 60, "uf1")[0] < uf1 < _mean(sizes, high, 0, 1, 60, "uf1")[0] - 0.01:
        raise MebenchError(f"no simulated model of these clips has a UF1 of {uf1:g}: give one nearer to .5")
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if _mean(sizes, middle, 0, 1, 60, "uf1")[0] < uf1 else (low, middle)
    return (low + high) / 2


def _more_for(sizes: Cohort, skill: float, metric: str, difference: float, seeds: int) -> float:
    """Return how many logits more make the difference."""
    low, high = 0.0, 12.0
    for _ in range(10):
        middle = (low + high) / 2
        first, second = _mean(sizes, skill, middle, 1, 60, metric)
        low, high = (middle, high) if second - first < difference else (low, middle)
    return (low + high) / 2


def _found(
    sizes: Cohort, skill: float, more: float, seeds: int, cohorts: int
) -> dict[str, tuple[float, float]]:
    """Return by metric the true difference, and in which share of cohorts swaps find it."""
    even = np.full(len(sizes.counts), skill)
    # 199 swaps and the one found: p of 10 / 200 is the level itself. All cohorts see the same swaps.
    swaps = _random(2).integers(0, 2, (SWAPS, len(sizes.strata))).astype(np.float64)
    hits, means, done = dict.fromkeys(METRICS, 0), dict.fromkeys(METRICS, 0.0), 0
    while done < cohorts:
        count = min(_AT_A_TIME, cohorts - done)
        a, b = simulated(_random(3, done), sizes, count, (even, even + more), seeds).astype(np.float64)
        shape = a.shape[2:]
        whole = (a.sum(axis=1), b.sum(axis=1))
        moved = np.moveaxis((b - a).reshape(count, len(swaps[0]), -1), 1, 0).reshape(len(swaps[0]), -1)
        shift = (swaps @ moved).reshape(SWAPS, count, *shape)
        for name, metric in METRICS.items():
            real = (metric(whole[1]) - metric(whole[0])).mean(axis=1)
            swapped = (metric(whole[1] - shift) - metric(whole[0] + shift)).mean(axis=2)
            as_large = (np.abs(swapped) >= np.abs(real) - 1e-12).sum(axis=0)
            hits[name] += int(((1 + as_large) / (1 + SWAPS) <= LEVEL + 1e-9).sum())
            means[name] += float(real.sum())
        done += count
    return {name: (means[name] / cohorts, hits[name] / cohorts) for name in METRICS}


def _where(rates: Sequence[tuple[float, float]]) -> float:
    """Return where the share found reaches 80 %, by a straight line between the neighbours on the normal's scale."""
    from scipy.special import ndtri

    places = np.array([place for place, _ in rates])
    scale: Floats = ndtri(np.clip([share for _, share in rates], 0.001, 0.999))
    due = float(ndtri(POWER))
    for left in range(len(places) - 1):
        low, high = scale[left], scale[left + 1]
        if low <= due <= high:
            return float(
                places[left] + (due - low) / max(high - low, 1e-9) * (places[left + 1] - places[left])
            )
    return math.nan
