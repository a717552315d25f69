"""How a cohort is divided into folds. Each split is data: it can be named, compared and printed.

    LeaveOneSubjectOut().folds(clips)     # a fold for each dataset/subject
    LeaveOneDatasetOut().folds(clips)     # a fold for each dataset; of two: train on one, test on the other
    GivenParts(train="train").folds(clips)  # the owner's own test parts, all trained on one part

``clips`` is a cohort's table with the columns ``dataset``, ``group`` (``dataset/subject``) and ``part``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from mebench.errors import MebenchError

if TYPE_CHECKING:
    import pandas as pd

# A cohort's columns that name the fold which tests a clip: one, and for a repeated split one more each repeat.
FOLD_COLUMN = "fold"


@dataclass(frozen=True)
class Fold:
    """One train/test division; ``train`` and ``test`` are row numbers of the cohort's table.

    ``repeat`` numbers the divisions of a repeated split: in each of them every clip is tested once.
    """

    name: str
    train: np.ndarray
    test: np.ndarray
    repeat: int = 0


def with_folds(clips: pd.DataFrame, folds: Sequence[Fold]) -> pd.DataFrame:
    """Return a cohort's table with the name of the fold that tests each clip, empty for none.

    It stands in ``fold``, and for the further repeats of a repeated split in ``fold_2``, ``fold_3``, ...
    """
    clips = clips.copy()
    for repeat in range(1 + max(fold.repeat for fold in folds)):
        column = FOLD_COLUMN if repeat == 0 else f"{FOLD_COLUMN}_{repeat + 1}"
        names = np.full(len(clips), "", dtype=object)
        for fold in folds:
            if fold.repeat == repeat:
                names[fold.test] = fold.name
        clips[column] = names
    return clips


def fold_columns(table: Iterable[Any]) -> list[str]:
    """Return the columns that :func:`with_folds` made, by repeat; ``table`` has its columns' names."""
    further = sum(str(name).startswith(f"{FOLD_COLUMN}_") for name in table)
    return [FOLD_COLUMN, *(f"{FOLD_COLUMN}_{number}" for number in range(2, 2 + further))]


@dataclass(frozen=True)
class Split(ABC):
    """One way of making folds."""

    @abstractmethod
    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        """Return the folds; every clip is tested once a repeat, but those that :meth:`trained_only` marks.

        Raises:
            MebenchError: the clips cannot be divided this way.
        """

    def trained_only(self, clips: pd.DataFrame) -> np.ndarray:
        """Return bool (clips,): which of them are for training and never tested; none where nothing is said."""
        return np.zeros(len(clips), dtype=bool)

    @abstractmethod
    def __str__(self) -> str:
        """Return the split in the field's words."""


@dataclass(frozen=True)
class _LeaveOneOut(Split):
    """Leave out one value of a column at a time."""

    def _folds(self, clips: pd.DataFrame, column: str, what: str) -> tuple[Fold, ...]:
        # As scikit-learn's LeaveOneGroupOut does, which takes a second to import.
        groups = _groups(clips, column, what)
        return tuple(
            Fold(str(name), np.flatnonzero(groups != name), np.flatnonzero(groups == name))
            for name in np.unique(groups)
        )


def _groups(clips: pd.DataFrame, column: str, what: str) -> np.ndarray:
    groups = clips[column].to_numpy()
    count = len(np.unique(groups))
    if count < 2:
        raise MebenchError(
            f"it finds clips of {count} {what}(s): leaving one out needs at least two; "
            "`mebench data check` tells which clips were dropped and why"
        )
    return groups


@dataclass(frozen=True)
class LeaveOneSubjectOut(_LeaveOneOut):
    """Leave one subject out (LOSO), the field's standard. A subject is dataset and subject together."""

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        """Return a fold for each subject."""
        return self._folds(clips, "group", "subject")

    def __str__(self) -> str:
        return "leave-one-subject-out"


@dataclass(frozen=True)
class LeaveOneDatasetOut(_LeaveOneOut):
    """Leave one dataset out; of two datasets, train on each and test on the other (hold-out evaluation)."""

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        """Return a fold for each dataset."""
        return self._folds(clips, "dataset", "dataset")

    def __str__(self) -> str:
        return "leave-one-dataset-out"


@dataclass(frozen=True)
class GivenParts(Split):
    """The owner's own division: train on one part, test on each other part."""

    train: str = "train"

    def folds(self, clips: pd.DataFrame) -> tuple[Fold, ...]:
        """Return a fold for each part but the training one.

        Raises:
            MebenchError: a part is missing.
        """
        parts = clips["part"].to_numpy()
        train = np.flatnonzero(parts == self.train)
        names = sorted(set(parts) - {self.train})
        if not len(train) or not names:
            raise MebenchError(
                f"the data holds the part(s) {', '.join(sorted(set(parts))) or 'none'}: training on "
                f"{self.train!r} and testing on another needs both"
            )
        return tuple(Fold(name, train, np.flatnonzero(parts == name)) for name in names)

    def trained_only(self, clips: pd.DataFrame) -> np.ndarray:
        """Return the training part."""
        return (clips["part"] == self.train).to_numpy(dtype=bool)

    def __str__(self) -> str:
        return f"given parts: trained on {self.train}"
