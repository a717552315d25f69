"""The clips and predictions of a run, checked once, before anything is counted.

A score over misplaced or missing predictions looks like any other score, so everything here that does not
fit stops with the clip's name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Sized
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from mebench.errors import MebenchError
from mebench.scoring.metrics import Floats


@dataclass(frozen=True)
class Clips:
    """Who is seen in each of n clips. Subject 06 of one dataset is never subject 06 of another."""

    keys: tuple[str, ...]
    subject: npt.NDArray[np.int64]
    """Number of each clip's subject, ``(n,)``, in an order that does not depend on that of the clips."""
    strata: tuple[str, ...]
    """Dataset of each subject number, ``(S,)``."""

    def of_dataset(self, dataset: str) -> npt.NDArray[np.int64]:
        """Subject numbers of one dataset."""
        return np.flatnonzero(np.asarray(self.strata) == dataset)


def read_clips(keys: Sequence[str], subjects: Sequence[str], datasets: Sequence[str]) -> Clips:
    """Number the subjects of n clips; MebenchError for no clips, a repeated key or unequal lengths."""
    keys = tuple(keys)
    if not keys:
        raise MebenchError("there is no clip to score: the cohort is empty")
    if len(set(keys)) < len(keys):
        repeated = next(key for place, key in enumerate(keys) if key in keys[:place])
        raise MebenchError(f"clip {repeated} is there twice: every clip counts once")
    one_each(keys, subjects, "subjects")
    one_each(keys, datasets, "datasets")
    pairs = [(str(dataset), str(subject)) for dataset, subject in zip(datasets, subjects, strict=True)]
    known = sorted(set(pairs), key=lambda pair: (pair[0], natural_order(pair[1])))
    number = {pair: place for place, pair in enumerate(known)}
    subject = np.array([number[pair] for pair in pairs], np.int64)
    return Clips(keys, subject, tuple(dataset for dataset, _ in known))


def natural_order(name: str) -> tuple[list[int], str]:
    """Return a sort key of a subject's or fold's name that is the same for ``006``, ``6`` and ``sub06``.

    Intervals draw subjects by their place, so the same people must stand in the same order whichever file
    named them.
    """
    own = name.rpartition("/")[2]
    return [int(number) for number in re.findall(r"\d+", own)], name


def one_each(keys: Sequence[str], values: Sized, what: str) -> None:
    """Raise MebenchError unless there is one value a clip."""
    if len(values) != len(keys):
        raise MebenchError(f"{len(keys)} clips have {len(values)} {what}: give one a clip, in the same order")


def read_class_numbers(keys: Sequence[str], truth: npt.ArrayLike, classes: int) -> npt.NDArray[np.int64]:
    """Class numbers ``(n,)``; MebenchError naming the clip for one that is not in ``0 .. classes - 1``."""
    given = np.asarray(truth)
    one_each(keys, given, "labels")
    for key, label in zip(keys, given, strict=True):
        if label not in range(classes):
            raise MebenchError(f"clip {key} has class number {label}, which is not one of 0 to {classes - 1}")
    return given.astype(np.int64)


def read_probabilities(
    keys: Sequence[str], predictions: Mapping[int, npt.ArrayLike], width: int
) -> tuple[list[int], Floats]:
    """Sorted training seeds, and their probabilities as ``(seeds, n, width)`` float64.

    Raises MebenchError, naming seed and clip, for a row that is missing, of another width or not finite.
    """
    if not predictions:
        raise MebenchError("there are no predictions to score: give those of one training seed or more")
    seeds = sorted(predictions)
    return [int(seed) for seed in seeds], np.stack(
        [_of_seed(keys, predictions[seed], width, seed) for seed in seeds]
    )


def _of_seed(keys: Sequence[str], values: npt.ArrayLike, width: int, seed: int) -> Floats:
    rows = [np.asarray(row, np.float64) for row in values]  # type: ignore[union-attr]
    if len(rows) < len(keys):
        raise MebenchError(
            f"seed {seed} has predictions for {len(rows)} of {len(keys)} clips: "
            f"clip {keys[len(rows)]} is the first without one"
        )
    one_each(keys, rows, f"predictions of seed {seed}")
    for key, row in zip(keys, rows, strict=True):
        if row.shape != (width,):
            raise MebenchError(
                f"seed {seed} predicts values of shape {row.shape} for clip {key}, "
                f"where {width} probabilities are due"
            )
        if not np.isfinite(row).all():
            raise MebenchError(
                f"seed {seed} predicts {row.tolist()} for clip {key}: probabilities must be finite; "
                "a loss that diverged is the usual cause"
            )
    return np.stack(rows)
