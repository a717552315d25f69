"""Whether two runs are of the same clips and labels: others are no pair, whatever their scores.

refuse_other_clips(read_predictions(one), read_predictions(other))
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from mebench.errors import MebenchError
from mebench.scoring.rebuild import Pooled
from mebench.scoring.tables import shown_model

if TYPE_CHECKING:
    import pandas as pd


def name_of(pooled: Pooled) -> str:
    """Return what a sentence calls a run: its model, label and the start of its identity."""
    return f"{shown_model(pooled.run)}-{pooled.run['identity'][:8]}"


def same_units(a: Pooled, b: Pooled) -> bool:
    """Return whether both runs have predictions of action units, and of the same ones."""
    return a.has_units and b.has_units and a.units == b.units


def common_seeds(a: Pooled, b: Pooled) -> tuple[int, ...]:
    """Return the training seeds that both runs have.

    Raises:
        MebenchError: there is none, or they repeat their splits unequally often.
    """
    names = (name_of(a), name_of(b))
    if a.repeats != b.repeats:
        raise MebenchError(
            f"{names[0]} repeats its split {a.repeats} times and {names[1]} {b.repeats}: compare runs of one split"
        )
    seeds = tuple(sorted(set(a.run["seeds"]) & set(b.run["seeds"])))
    if not seeds:
        of_each = [" ".join(map(str, each.run["seeds"])) for each in (a, b)]
        raise MebenchError(
            f"{names[0]} and {names[1]} have no training seed in common ({of_each[0]}; {of_each[1]}): run one of them "
            "with a seed of the other"
        )
    return seeds


def refuse_other_clips(a: Pooled, b: Pooled) -> None:
    """Refuse runs that do not test the same clips under the same labels, whatever their scores.

    Raises:
        MebenchError: classes, clips, labels or, where both detect the same ones, action units differ; with how many.
    """
    names = (name_of(a), name_of(b))
    if a.classes != b.classes:
        told = [", ".join(each.classes) or "none" for each in (a, b)]
        raise MebenchError(
            f"{names[0]} and {names[1]} have other classes ({told[0]}; {told[1]}): compare runs of one protocol"
        )
    first, second = (each.cohort.set_index("key") for each in (a, b))
    lacks = [
        [key for key in one.index if key not in other.index]
        for one, other in ((first, second), (second, first))
    ]
    if any(lacks):
        example = next(key for keys in lacks for key in keys)
        raise MebenchError(
            f"{names[0]} and {names[1]} test other clips ({len(lacks[0])} only the former, {len(lacks[1])} only the "
            f"latter, such as {example}): compare runs of the same clips"
        )
    second = second.loc[first.index]
    named = [table["class"].where(table["label"] >= 0, "") for table in (first, second)]
    _same_labels(named[0], named[1], names)
    if same_units(a, b):
        coded = [table[a.units].astype(str).agg(" ".join, axis=1) for table in (first, second)]
        _same_labels(coded[0], coded[1], names)


def _same_labels(first: pd.Series[Any], second: pd.Series[Any], names: Sequence[str]) -> None:
    differs = np.flatnonzero(first.to_numpy() != second.to_numpy())
    if len(differs):
        place = int(differs[0])
        raise MebenchError(
            f"{names[0]} and {names[1]} have other labels for {len(differs)} of {len(first)} clips, such as "
            f"{first.index[place]} ({first.iloc[place]!r}; {second.iloc[place]!r}): compare runs of the same labels"
        )
