"""Simulated answers of models to a protocol's clips: what tests and intervals are tried on.

A clip's answer is right with a chance whose logit is the model's skill for its class, plus what its subject (deviation
.8) and the clip itself (2.5) mean to every model, plus what the subject means to this model alone (.3). A wrong answer
goes to another class as often as that class occurs. Two such models differ by chance as much as two networks on
MEGC2019's clips do: the difference of their UF1 has a bootstrap deviation of .025 (.021 to .030 between STSTNet, RCN
and a flow SVM).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from mebench.scoring.metrics import Floats

SUBJECT, CLIP, OWN = 0.8, 2.5, 0.3
# Numbers of clips by subject are as unequal as a gamma of this shape.
SHAPE = 1.5
Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Sizes:
    """Subjects and clips of each class, by dataset: what a protocol's source publishes.

    Which subject shows which clip is drawn: numbers of clips are unequal, and every subject has one at least.
    """

    datasets: Mapping[str, tuple[int, tuple[int, ...]]]

    @property
    def strata(self) -> list[str]:
        """Return the dataset of each subject."""
        return [name for name, (subjects, _) in self.datasets.items() for _ in range(subjects)]

    @property
    def counts(self) -> Numbers:
        """Return how many clips each class has, (classes,)."""
        counts: Numbers = np.sum([counts for _, counts in self.datasets.values()], axis=0, dtype=np.int64)
        return counts

    def times(self, factor: float) -> Sizes:
        """Return a cohort of so many times the subjects and clips, two subjects a dataset at least."""
        return Sizes(
            {
                name: (
                    max(2, round(subjects * factor)),
                    tuple(max(1, round(count * factor)) if count else 0 for count in counts),
                )
                for name, (subjects, counts) in self.datasets.items()
            }
        )

    def drawn(
        self, random: np.random.Generator, cohorts: int, shape: float = SHAPE
    ) -> tuple[Numbers, Numbers]:
        """Return the subject and the class of each clip, (cohorts, clips) each."""
        subject, label, first = [], [], 0
        for count, counts in self.datasets.values():
            shares = random.gamma(shape, size=(cohorts, count))
            edges = np.cumsum(shares / shares.sum(axis=1, keepdims=True), axis=1)
            drawn = random.random((cohorts, sum(counts)))
            whose = (drawn[:, :, None] > edges[:, None, :-1]).sum(axis=2)
            known = min(count, whose.shape[1])
            whose[:, :known] = np.arange(known)
            subject.append(first + whose)
            of_clips = np.broadcast_to(np.repeat(np.arange(len(counts)), counts), drawn.shape)
            label.append(random.permuted(of_clips, axis=1))
            first += count
        return np.concatenate(subject, axis=1), np.concatenate(label, axis=1)


@dataclass(frozen=True)
class KnownSubjects:
    """The clips of each subject and class of a cohort that is here, (S, classes), and each subject's dataset."""

    clips: Numbers
    of_dataset: tuple[str, ...]
    factor: float = 1.0

    @cached_property
    def _rows(self) -> Numbers:
        """Return the subjects, each again and again in turn where there are more than the cohort has."""
        names = np.asarray(self.of_dataset)
        rows = []
        for name in dict.fromkeys(self.of_dataset):
            members = np.flatnonzero(names == name)
            rows.append(np.resize(members, max(2, round(len(members) * self.factor))))
        return np.concatenate(rows) if self.factor != 1 else np.arange(len(names))

    @property
    def strata(self) -> list[str]:
        """Return the dataset of each subject."""
        return [self.of_dataset[row] for row in self._rows]

    @property
    def counts(self) -> Numbers:
        """Return how many clips each class has, (classes,)."""
        counts: Numbers = self.clips[self._rows].sum(axis=0)
        return counts

    def times(self, factor: float) -> KnownSubjects:
        """Return a cohort of so many times the subjects, with the clips of those that are known."""
        return KnownSubjects(self.clips, self.of_dataset, factor)

    def drawn(
        self, random: np.random.Generator, cohorts: int, shape: float = SHAPE
    ) -> tuple[Numbers, Numbers]:
        """Return the subject and the class of each clip, (cohorts, clips) each: the same in every cohort."""
        clips = self.clips[self._rows]
        subject, label = (each.ravel() for each in np.indices(clips.shape))
        both = (np.repeat(subject, clips.ravel()), np.repeat(label, clips.ravel()))
        whole = tuple(np.broadcast_to(each, (cohorts, len(each))) for each in both)
        return whole[0], whole[1]


def simulated(
    random: np.random.Generator,
    sizes: Sizes | KnownSubjects,
    cohorts: int,
    skills: Sequence[Floats],
    seeds: int = 1,
    *,
    subject_sd: float = SUBJECT,
    clip_sd: float = CLIP,
    own_sd: float = OWN,
    seed_sd: float = 0.0,
    shape: float = SHAPE,
) -> Numbers:
    """Return confusions of some models, (models, cohorts, subjects, seeds, classes, classes).

    ``skills`` holds each model's logits by class, (classes,); ``seed_sd`` is how a model's trainings differ in skill.
    """
    counts = sizes.counts
    classes, subjects = len(counts), len(sizes.strata)
    who, label = sizes.drawn(random, cohorts, shape)
    cohort = np.arange(cohorts)[:, None]
    shared = random.normal(0, subject_sd, (cohorts, subjects))[cohort, who]
    shared = shared + random.normal(0, clip_sd, who.shape)
    edges = np.array([np.cumsum(np.where(np.arange(classes) == c, 0, counts)) for c in range(classes)])
    edges = edges / edges[:, -1:]
    models = []
    for skill in skills:
        own = random.normal(0, own_sd, (cohorts, subjects))[cohort, who]
        of_seeds = []
        for _ in range(seeds):
            trained = random.normal(0, seed_sd, (cohorts, 1)) if seed_sd else 0.0
            chance = 1 / (1 + np.exp(-(skill[label] + shared + own + trained)))
            other = (random.random(who.shape)[:, :, None] >= edges[label]).sum(axis=2)
            told = np.where(random.random(who.shape) < chance, label, other)
            cells = ((cohort * subjects + who) * classes + label) * classes + told
            counted = np.bincount(cells.ravel(), minlength=cohorts * subjects * classes**2)
            of_seeds.append(counted.reshape(cohorts, subjects, classes, classes))
        models.append(np.stack(of_seeds, axis=2))
    return np.array(models)
