"""Whether folds can be believed: none trains on what it tests, and every clip is tested.

    folds = sound_folds(protocol, clips)

A split may come from a plugin, and a fold that trains on its own test clips gives a score like any other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mebench.cohort.protocol import Protocol
from mebench.cohort.splits import Fold
from mebench.errors import MebenchError, reason_of

if TYPE_CHECKING:
    import pandas as pd


def sound_folds(protocol: Protocol, clips: pd.DataFrame) -> tuple[Fold, ...]:
    """Return a protocol's folds of a cohort's clips.

    Args:
        protocol: gives the split, and says whether training and test may share subjects.
        clips: the cohort's table; the split gets a copy.

    Raises:
        MebenchError: no folds can be made, or one of them is not what a fold must be; the split is named.
    """
    try:
        folds = tuple(protocol.split.folds(clips.copy()))
        trained_only = np.asarray(protocol.split.trained_only(clips.copy()), dtype=bool)
    except MebenchError as error:
        raise MebenchError(f"protocol {protocol.name!r}: {error}") from error
    except Exception as error:
        raise _unsound(protocol, f"failed: {reason_of(error)}") from error
    if not folds:
        raise _unsound(protocol, "makes no fold")
    for fold in folds:
        if fault := _fault_of(fold, protocol, clips):
            raise _unsound(protocol, f"makes {fault}")
    if twice := twice_in([fold.name for fold in folds]):
        raise _unsound(protocol, f"makes two folds named {twice[0]!r}")
    if trained_only.shape != (len(clips),):
        raise _unsound(protocol, f"says of {trained_only.shape} clips that they are trained on alone")
    repeats = sorted({fold.repeat for fold in folds})
    if repeats != list(range(len(repeats))):
        raise _unsound(protocol, f"numbers its repeats {repeats}: count them from 0, without a gap")
    for repeat in repeats:
        tests = np.concatenate([fold.test for fold in folds if fold.repeat == repeat])
        tested = np.bincount(tests, minlength=len(clips))
        for wrong, fault in (
            (
                tested > 1,
                "tests the clip {} more than once: number the folds of a repeated split by Fold(repeat=...)",
            ),
            (
                (tested == 0) & ~trained_only,
                "never tests the clip {}: test it, or say by trained_only() that it is for training",
            ),
            ((tested > 0) & trained_only, "tests the clip {}, which trained_only() says is for training"),
        ):
            if wrong.any():
                key = str(clips["key"].to_numpy()[wrong.argmax()])
                raise _unsound(protocol, fault.format(key) + (f" (repeat {repeat})" if repeat else ""))
    return folds


def lopsided_folds(protocol: Protocol, labels: np.ndarray, folds: Sequence[Fold]) -> list[str]:
    """Return one sentence for the folds whose training clips show a single class, from which none is learnt."""
    if len(protocol.classes) < 2:
        return []
    alone = [fold.name for fold in folds if len(np.unique(labels[fold.train])) == 1]
    if not alone:
        return []
    more = f" and {len(alone) - 1} more" if len(alone) > 1 else ""
    return [f"the fold {alone[0]!r}{more} trains on clips of one class alone"]


def _fault_of(fold: Any, protocol: Protocol, clips: pd.DataFrame) -> str:
    """Return what is wrong with one fold, as an object of "makes"; or ``""``."""
    if not isinstance(fold, Fold):
        return f"a {type(fold).__name__} where a Fold is due"
    if fault := _fault_of_name(fold):
        return fault
    for what, rows in (("train", fold.train), ("test", fold.test)):
        if fault := _fault_of_rows(rows, len(clips)):
            return f"the fold {fold.name!r} with a {what} that {fault}"
    keys, groups = clips["key"].to_numpy(), clips["group"].to_numpy()
    if len(shared := np.intersect1d(fold.train, fold.test)):
        return f"the fold {fold.name!r}, which trains on {len(shared)} of its test clips ({keys[shared[0]]})"
    people = sorted(set(groups[fold.train]) & set(groups[fold.test]))
    if people and not protocol.subject_dependent:
        return (
            f"the fold {fold.name!r}, which trains and tests on {len(people)} of the same subjects "
            f"({people[0]}): keep them apart, or let the protocol say subject_dependent=True, which every table "
            "will show"
        )
    return ""


def _fault_of_name(fold: Any) -> str:
    if not (isinstance(fold.name, str) and fold.name.strip()):
        return f"a fold named {fold.name!r}: give it a name"
    if type(fold.repeat) is not int or fold.repeat < 0:
        return f"the fold {fold.name!r} with the repeat {fold.repeat!r}: give a whole number from 0"
    return ""


def _fault_of_rows(rows: Any, clips: int) -> str:
    if not isinstance(rows, np.ndarray) or rows.ndim != 1 or rows.dtype.kind not in "iu":
        return "is no array of row numbers" + (" (a mask is none)" if _is_mask(rows) else "")
    if not len(rows):
        return "is empty"
    if rows.min() < 0 or rows.max() >= clips:
        wrong = rows.min() if rows.min() < 0 else rows.max()
        return f"holds the row {wrong}, where the cohort has the rows 0 to {clips - 1}"
    return "holds a clip twice" if len(np.unique(rows)) < len(rows) else ""


def _is_mask(rows: Any) -> bool:
    return isinstance(rows, np.ndarray) and rows.dtype.kind == "b"


def _unsound(protocol: Protocol, fault: str) -> MebenchError:
    return MebenchError(f"protocol {protocol.name!r}: its split {split_name(protocol)} {fault}")


def split_name(protocol: Protocol) -> str:
    """Return where a protocol's split is defined, which tells whose it is."""
    kind = type(protocol.split)
    return f"{kind.__module__}.{kind.__qualname__}"


def twice_in(values: Sequence[Any]) -> list[Any]:
    """Return the values that stood there before."""
    return [value for place, value in enumerate(values) if value in values[:place]]
