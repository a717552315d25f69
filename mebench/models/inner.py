"""Validation subjects split off the training subjects: by them an epoch, or anything else, may be chosen.

train, validation = inner_split(train, context.seed)
"""

from __future__ import annotations

import numpy as np

from mebench.errors import MebenchError
from mebench.models.base import TrainSet

SHARE = 0.2
LEAST_SUBJECTS = 3


def inner_split(train: TrainSet, seed: int) -> tuple[TrainSet, TrainSet]:
    """Return the clips to train on and those to validate with, which share no subject.

    About a fifth of the subjects, drawn by the seed, and at least one, are for validation. A subject whose leaving
    would take the last clip of a class from training stays there, so that in small folds fewer are split off; only
    where that holds for each of them, one is taken all the same.

    Args:
        train: all training clips of a fold.
        seed: the fold's, ``context.seed``: the same clips are split in the same way.

    Raises:
        MebenchError: there are fewer than three training subjects.
    """
    subjects = np.unique(train.subjects)
    refuse_too_few(len(subjects))
    order = np.random.default_rng([seed, len(subjects)]).permutation(subjects)
    wanted = max(1, round(SHARE * len(subjects)))
    left = np.ones(len(train), bool)
    taken: list[int] = []
    for subject in order:
        without = left & (train.subjects != subject)
        if len(np.unique(train.labels[without])) == len(np.unique(train.labels)):
            left = without
            taken.append(subject)
        if len(taken) == wanted:
            break
    if not taken:
        left = train.subjects != order[0]
    return _part(train, np.flatnonzero(left)), _part(train, np.flatnonzero(~left))


def refuse_too_few(subjects: int) -> None:
    """Raise where a fold has too few training subjects for some of them to be split off.

    Raises:
        MebenchError: there are fewer than three.
    """
    if subjects < LEAST_SUBJECTS:
        raise MebenchError(
            f"the rule 'inner' splits validation subjects off the training subjects, and a fold has {subjects} of "
            f"them where at least {LEAST_SUBJECTS} are due: use --selection last"
        )


def _part(train: TrainSet, chosen: np.ndarray) -> TrainSet:
    return TrainSet(
        {name: view.take(chosen) for name, view in train.features.items()},
        train.labels[chosen],
        train.aus[chosen],
        train.subjects[chosen],
        train.inputs,
    )
