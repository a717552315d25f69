"""How often `mebench compare` calls two models different: of equal skill, and where one is better.

    python benchmarks/comparison_power.py                 # 4000 cohorts of equal models, 2000 of others: 3 minutes
    python benchmarks/comparison_power.py --cohorts 500
    python benchmarks/comparison_power.py --equal 20000   # swapping alone, equal models at 68 subjects: 4 minutes

Both models of a cohort see the same clips. A clip's answer is right with a chance whose logit is the model's skill for
its class, plus what its subject (sd .8, and skewed numbers of clips) and the clip itself (sd 2.5) mean to both models,
plus what the subject means to this model alone (sd .3). A wrong answer goes to another class as often as that class
occurs. Two such models differ by chance as much as two networks on MEGC2019's clips do: the difference of their UF1 has
a bootstrap deviation of .025 (.021 to .030 between STSTNet, RCN and a flow SVM).

"Other strengths" are two models of the same expected UF1, one better at the most frequent class and one at the others:
no test by swapping promises its rate for those, so it is measured.

Beside it stand Wilcoxon's signed rank test on the subjects' own UF1, "the intervals of the two scores do not overlap",
and "the interval of the difference leaves out 0". All at the level of 5 %.
"""

from __future__ import annotations

import argparse
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from mebench.scoring.comparison import paired
from mebench.scoring.intervals import bootstrap
from mebench.scoring.metrics import uar, uf1

METRICS = {"uf1": uf1, "uar": uar}
SUBJECT, CLIP, OWN = 0.8, 2.5, 0.3
SKILL = 1.2
SkillsAt = Callable[[float], Sequence[np.ndarray]]


@dataclass(frozen=True)
class Sizes:
    """Subjects and clips of each class, by dataset."""

    name: str
    datasets: Mapping[str, tuple[int, tuple[int, ...]]]

    @property
    def strata(self) -> list[str]:
        """Return the dataset of each subject."""
        return [name for name, (subjects, _) in self.datasets.items() for _ in range(subjects)]

    @property
    def counts(self) -> np.ndarray:
        """Return how many clips each class has, (classes,)."""
        return np.sum([counts for _, counts in self.datasets.values()], axis=0)


# MEGC2019 (See et al. 2019, table 1): negative, positive, surprise; and CASME II's five classes (Yan et al. 2014).
MEGC2019 = Sizes(
    "68 subjects",
    {"smic": (16, (70, 51, 43)), "casme2": (24, (88, 32, 25)), "samm": (28, (92, 26, 15))},
)
CASME2 = Sizes("26 subjects", {"casme2": (26, (63, 32, 99, 27, 25))})


def simulated(
    random: np.random.Generator,
    sizes: Sizes,
    cohorts: int,
    skills: Sequence[np.ndarray],
    seeds: int = 1,
    *,
    subject_sd: float = SUBJECT,
    clip_sd: float = CLIP,
    own_sd: float = OWN,
    shape: float = 1.5,
) -> np.ndarray:
    """Return confusions of some models, (models, cohorts, subjects, seeds, classes, classes).

    ``skills`` holds each model's logits by class, (classes,). Every subject has a clip at least.
    """
    classes, subjects = len(sizes.counts), len(sizes.strata)
    subject, true = [], []
    first = 0
    for count, counts in sizes.datasets.values():
        shares = random.gamma(shape, size=(cohorts, count))
        edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
        drawn = random.random((cohorts, sum(counts)))
        whose = (drawn[:, :, None] > edges[:, None, :-1]).sum(axis=2)
        whose[:, :count] = np.arange(count)
        subject.append(first + whose)
        of_clips = np.broadcast_to(np.repeat(np.arange(classes), counts), drawn.shape)
        true.append(random.permuted(of_clips, axis=1))
        first += count
    who, label = np.concatenate(subject, axis=1), np.concatenate(true, axis=1)
    cohort = np.arange(cohorts)[:, None]
    shared = random.normal(0, subject_sd, (cohorts, subjects))[cohort, who]
    shared = shared + random.normal(0, clip_sd, who.shape)
    edges = np.array([np.cumsum(np.where(np.arange(classes) == c, 0, sizes.counts)) for c in range(classes)])
    edges = edges / edges[:, -1:]
    models = []
    for skill in skills:
        own = random.normal(0, own_sd, (cohorts, subjects))[cohort, who]
        chance = 1 / (1 + np.exp(-(skill[label] + shared + own)))
        of_seeds = []
        for _ in range(seeds):
            other = (random.random(who.shape)[:, :, None] >= edges[label]).sum(axis=2)
            told = np.where(random.random(who.shape) < chance, label, other)
            cells = ((cohort * subjects + who) * classes + label) * classes + told
            counted = np.bincount(cells.ravel(), minlength=cohorts * subjects * classes**2)
            of_seeds.append(counted.reshape(cohorts, subjects, classes, classes))
        models.append(np.stack(of_seeds, axis=2))
    return np.array(models)


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


def called_by_chance(cohorts: int, seeds: int, permutations: int) -> float:
    """Return how often swapping calls equal models different by UF1, at 68 subjects; from draws of their own."""
    even = np.full(len(MEGC2019.counts), SKILL)
    hits = 0
    for block in range(0, cohorts, 1000):
        random = np.random.default_rng([2026, seeds, block // 1000])
        drawn = simulated(random, MEGC2019, min(1000, cohorts - block), (even, even), seeds)
        for number, (a, b) in enumerate(zip(*drawn, strict=True), start=block):
            how = {"permutations": permutations, "replicates": 1, "seed": number}
            hits += paired(a, b, MEGC2019.strata, {"uf1": uf1}, **how)["uf1"].p <= 0.05
    return hits / cohorts


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", type=int, default=2000, help="of each row; of 'none' twice as many")
    parser.add_argument("--permutations", type=int, default=999)
    parser.add_argument("--replicates", type=int, default=300)
    parser.add_argument("--equal", type=int, metavar="COHORTS", help="only equal models, by swapping alone")
    arguments = parser.parse_args()
    if arguments.equal:
        for seeds in (1, 3):
            rate = called_by_chance(arguments.equal, seeds, arguments.permutations)
            print(
                f"{MEGC2019.name}, equal models, {seeds} seed(s): {100 * rate:.2f} % of {arguments.equal} cohorts"
            )
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
