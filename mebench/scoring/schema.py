"""What scores look like: the dicts that ``scores.json`` holds and that the Python API gives.

A *spread* is over training seeds, with ``per_seed`` in their order; a *scored* value has besides the bounds of
its interval. A value that is not known (the precision of a class never predicted, a deviation of one seed,
bounds from one subject) is None.
"""

from __future__ import annotations

from typing import Literal

# Of typing, only Python 3.12's can be checked.
from typing_extensions import TypedDict

ClassMetric = Literal["uf1", "uar", "accuracy"]
AuMetric = Literal["f1", "f1_macro"]


class Spread(TypedDict):
    """Mean, sample standard deviation and values over training seeds."""

    mean: float | None
    sd: float | None
    per_seed: list[float | None]


class Scored(Spread):
    """A spread with the bounds of its bootstrap interval over subjects."""

    low: float | None
    high: float | None


class MetricScore(Scored):
    """A plugin's metric: ``share`` says that it is shown in percent; ``per_dataset`` is empty for one dataset."""

    share: bool
    per_dataset: dict[str, Scored]


class OfClass(TypedDict):
    """One class: how many clips it has, and how well they are recognised."""

    support: int
    f1: Spread
    recall: Spread
    precision: Spread


class Confusion(TypedDict):
    """Counts, rows truth, columns prediction; ``sum`` adds the seeds."""

    sum: list[list[int]]
    per_seed: list[list[list[int]]]


class Chance(TypedDict):
    """What guessing gives, and the most frequent class always."""

    uar: float
    uf1_majority: float


class FoldMeans(TypedDict):
    """Means of the folds' own values."""

    uf1: Spread
    uar: Spread
    accuracy: Spread


class Bootstrap(TypedDict):
    """How bounds were made."""

    method: str
    level: float
    replicates: int
    seed: int


class ClassBlock(TypedDict):
    """Scores of some clips by class, pooled over all folds."""

    clips: int
    subjects: int
    uf1: Scored
    uar: Scored
    accuracy: Scored
    per_class: dict[str, OfClass]
    confusion: Confusion
    chance: Chance


class OfAu(TypedDict):
    """One action unit: in how many clips it occurs, F1 of presence, and of presence and absence."""

    support: int
    f1: Spread
    f1_macro: Spread


class AuChance(TypedDict):
    """What predicting every action unit always gives."""

    f1: float | None
    f1_macro: float | None


class AuBlock(TypedDict):
    """Scores of some clips by action unit; ``without_positive`` names the units that never occur."""

    clips: int
    subjects: int
    f1: Scored
    f1_macro: Scored
    per_au: dict[str, OfAu]
    without_positive: list[str]
    chance: AuChance


class AuScores(AuBlock):
    """The action unit scores of a run; ``per_dataset`` is empty for one dataset."""

    seeds: list[int]
    names: list[str]
    threshold: float
    per_dataset: dict[str, AuBlock]
    bootstrap: Bootstrap


class _EveryRun(TypedDict):
    folds: int
    seeds: list[int]
    classes: list[str]
    clips: int
    subjects: int


class Scores(_EveryRun, total=False):
    """The scores of a run. Under a protocol of action units alone ``au`` is all there is, and ``classes`` empty.

    Under a repeated split ``repeats`` says how often, and each ``per_seed`` holds every repeat of every seed.
    ``isolation`` is the weakest of the records', and ``checks`` are their largest differences
    (:mod:`mebench.scoring.trust`); scores of predictions that no run recorded have neither.
    """

    repeats: int
    isolation: str
    checks: dict[str, float]

    uf1: Scored
    uar: Scored
    accuracy: Scored
    per_class: dict[str, OfClass]
    confusion: Confusion
    chance: Chance
    per_dataset: dict[str, ClassBlock]
    per_fold_means: FoldMeans
    bootstrap: Bootstrap
    au: AuScores
