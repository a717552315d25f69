"""How often `mebench compare` calls two models different: of equal skill, and where one is better.

    python benchmarks/comparison_power.py                 # 4000 cohorts of equal models, 2000 of others: some minutes
    python benchmarks/comparison_power.py --cohorts 500
    python benchmarks/comparison_power.py --equal 2000 --permutations 199    # equal models alone, also by intervals

Both models of a cohort see the same clips; mebench/scoring/simulation.py says how their answers are drawn.

"Other strengths" are two models of the same expected UF1, one better at the most frequent class and one at the others:
no test by swapping promises its rate for those, so it is measured.

Beside it stand Wilcoxon's signed rank test on the subjects' own UF1, "the intervals of the two scores do not overlap",
and "the interval of the difference leaves out 0". All at the level of 5 %.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from mebench.scoring import simulation
from mebench.scoring.comparison import paired
from mebench.scoring.draws import subject_weights
from mebench.scoring.intervals import bootstrap
from mebench.scoring.metrics import uar, uf1
from mebench.scoring.seed_level import over_seeds
from mebench.scoring.simulation import simulated

METRICS = {"uf1": uf1, "uar": uar}
SKILL = 1.2
SkillsAt = Callable[[float], Sequence[np.ndarray]]


@dataclass(frozen=True)
class Sizes(simulation.Sizes):
    """Sizes with a name."""

    name: str = ""


# MEGC2019 (See et al. 2019, table 1): negative, positive, surprise; and CASME II's five classes (Yan et al. 2014).
MEGC2019 = Sizes(
    {"smic": (16, (70, 51, 43)), "casme2": (24, (88, 32, 25)), "samm": (28, (92, 26, 15))}, "68 subjects"
)
CASME2 = Sizes({"casme2": (26, (63, 32, 99, 27, 25))}, "26 subjects")


def expected(sizes: Sizes, skills: Sequence[np.ndarray], cohorts: int = 1500) -> float:
    """Return the mean difference of UF1, second less first, always from the same draws."""
    a, b = simulated(np.random.default_rng(1), sizes, cohorts, skills).sum(axis=(2, 3))
    return float((uf1(b) - uf1(a)).mean())


def solved(sizes: Sizes, skills_at: SkillsAt, target: float) -> Sequence[np.ndarray]:
    """Return the skills at which the expected difference is the target: by halving what one model has more."""
    low, high = 0.0, 2.0
    for _ in range(9):
        middle = (low + high) / 2
        low, high = (middle, high) if expected(sizes, skills_at(middle)) < target else (low, middle)
    return skills_at((low + high) / 2)


@dataclass
class Rates:
    """Of how many cohorts each way called the models different."""

    swapping_uf1: float
    swapping_uar: float
    wilcoxon: float
    apart: float
    leaves_out_0: float


def called(confusions: np.ndarray, strata: Sequence[str], permutations: int, replicates: int) -> Rates:
    """Return how often each way of comparing calls the two models of a cohort different."""
    hits = np.zeros(5)
    seeds = confusions.shape[3]
    of_each = {"a": lambda counts: uf1(counts[:, :seeds]), "b": lambda counts: uf1(counts[:, seeds:])}
    for number, (a, b) in enumerate(zip(*confusions, strict=True)):
        how = {"replicates": replicates, "seed": number}
        found = paired(a, b, strata, METRICS, permutations=permutations, **how)
        one, other = bootstrap(np.concatenate([a, b], axis=1), strata, of_each, **how).values()
        own = [uf1(each).mean(axis=1) for each in (a, b)]
        seen = ~np.isnan(own[0])  # a subject of a skewed cohort may have no clip
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            wilcoxon = stats.wilcoxon(own[0][seen], own[1][seen]).pvalue
        hits += (
            found["uf1"].p <= 0.05,
            found["uar"].p <= 0.05,
            wilcoxon <= 0.05,
            one.high < other.low or other.high < one.low,
            found["uf1"].low > 0 or found["uf1"].high < 0,
        )
    return Rates(*(hits / confusions.shape[1]))


def kinds(sizes: Sizes) -> list[tuple[str, Sequence[np.ndarray], int]]:
    """Return what is simulated: its name, both models' skills, and how many seeds."""
    even = np.full(len(sizes.counts), SKILL)
    frequent = np.arange(len(even)) == sizes.counts.argmax()

    def better(by: float) -> Sequence[np.ndarray]:
        return even, even + by

    def otherwise(by: float) -> Sequence[np.ndarray]:
        return even + 0.8 * frequent, even + by * ~frequent

    small, large = (solved(sizes, better, target) for target in (0.065, 0.125))
    return [
        ("none", (even, even), 1),
        ("none, 3 seeds", (even, even), 3),
        ("none, other strengths", solved(sizes, otherwise, 0.0), 1),
        (".065", small, 1),
        (".065, 3 seeds", small, 3),
        (".125", large, 1),
    ]


def called_by_chance(
    sizes: Sizes, cohorts: int, seeds: int, seed_sd: float, permutations: int, replicates: int
) -> dict[str, float]:
    """Return how often each way calls equal models different, from draws of its own."""
    even, strata = np.full(len(sizes.counts), SKILL), sizes.strata
    hits = np.zeros(5)
    for block in range(0, cohorts, 200):
        random = np.random.default_rng([2026, len(strata), seeds, block // 200])
        count = min(200, cohorts - block)
        drawn = simulated(random, sizes, count, (even, even), seeds, seed_sd=seed_sd)
        for number, (a, b) in enumerate(zip(*drawn, strict=True), start=block):
            how = {"replicates": replicates, "seed": number}
            found = paired(a, b, strata, METRICS, permutations=permutations, **how)
            weights = subject_weights(strata, replicates, number).astype(np.float64)
            values = [
                uf1((weights @ each.reshape(len(each), -1)).reshape(-1, *each.shape[1:])).mean(axis=1)
                for each in (a, b)
            ]
            old, ours = np.percentile(values[1] - values[0], [2.5, 97.5]), found["uf1"]
            both = over_seeds(a, b, strata, uf1, **how) if seeds > 1 else None
            hits += (
                ours.p <= 0.05,
                found["uar"].p <= 0.05,
                old[0] > 0 or old[1] < 0,
                ours.low > 0 or ours.high < 0,
                both is not None and (both.low > 0 or both.high < 0),
            )
    names = ("swaps UF1", "swaps UAR", "percentile", "bootstrap-t", "over seeds")
    return dict(zip(names, hits / cohorts, strict=True))


def equal_models(cohorts: int, permutations: int, replicates: int) -> None:
    """Print how often equal models are called different; trainings may differ in skill, which swaps cannot know."""
    error = 100 * (0.05 * 0.95 / cohorts) ** 0.5
    print(f"equal models, {cohorts} cohorts a row; nominal 5.0, standard error {error:.1f}")
    for seeds, seed_sd in ((1, 0.0), (3, 0.0), (3, 0.1), (3, 0.3)):
        for sizes in (MEGC2019, CASME2):
            rates = called_by_chance(sizes, cohorts, seeds, seed_sd, permutations, replicates)
            told = "   ".join(f"{name} {100 * rate:.1f}" for name, rate in rates.items())
            print(f"{sizes.name}, {seeds} seed(s) that differ by {seed_sd:g}:   {told}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", type=int, default=2000, help="of each row; of 'none' twice as many")
    parser.add_argument("--permutations", type=int, default=999)
    parser.add_argument("--replicates", type=int, default=399)
    parser.add_argument("--equal", type=int, metavar="COHORTS", help="only equal models, also by intervals")
    arguments = parser.parse_args()
    if arguments.equal:
        equal_models(arguments.equal, arguments.permutations, arguments.replicates)
        return
    started = time.perf_counter()
    columns = ("swaps UF1", "swaps UAR", "Wilcoxon", "apart", "leaves 0")
    print(f"{'':12} {'difference':22}" + "".join(f"{column:>11}" for column in columns))
    for sizes in (MEGC2019, CASME2):
        for place, (name, skills, seeds) in enumerate(kinds(sizes)):
            cohorts = arguments.cohorts * (2 if name == "none" else 1)
            drawn = simulated(np.random.default_rng([7, place]), sizes, cohorts, skills, seeds)
            rates = called(drawn, sizes.strata, arguments.permutations, arguments.replicates)
            figures = [f"{100 * rate:.1f} %" for rate in vars(rates).values()]
            means = [float(uf1(each.sum(axis=1)).mean()) for each in drawn]
            print(
                f"{sizes.name:12} {name:22}"
                + "".join(f"{figure:>11}" for figure in figures)
                + f"   UF1 {means[0]:.3f} and {means[1]:.3f}"
            )
    print(f"{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
